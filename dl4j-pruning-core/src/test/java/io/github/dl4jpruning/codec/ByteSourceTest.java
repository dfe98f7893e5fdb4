package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ByteSourceTest {

  @Property(tries = 300)
  void shouldReadWhatWasWritten(
      @ForAll @LongRange(min = 0) long count,
      @ForAll long number,
      @ForAll @IntRange(min = 1, max = 8) int width,
      @ForAll String text)
      throws IOException {
    String valid =
        new String(
            text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.UTF_8);
    ByteSink sink = new ByteSink();
    sink.putCount(count);
    sink.putNumber(number, width);
    sink.putText(valid);
    ByteSource source = new ByteSource(sink.toBytes(), 5);

    assertThat(source.getCount(Long.MAX_VALUE, "a count")).isEqualTo(count);
    long mask = width == 8 ? -1 : (1L << (8 * width)) - 1;
    assertThat(source.getNumber(width)).isEqualTo(number & mask);
    assertThat(source.getText(1 << 20, "a text")).isEqualTo(valid);
    source.requireEnd("all");
  }

  @Example
  void shouldSayWhereSomethingIsWrong() throws IOException {
    ByteSource source = new ByteSource(new byte[] {1, 2, (byte) 0xC3, 0x28}, 100);
    source.getByte(1, "a flag");

    assertThatThrownBy(() -> source.getText(1, "a name")).hasMessageContaining("at byte 10");
    assertThatThrownBy(() -> source.getNumber(4)).hasMessageContaining("at byte 10");
    assertThatThrownBy(() -> new ByteSource(new byte[] {2, (byte) 0xC3, 0x28}, 0).getText(9, "it"))
        .hasMessageContaining("expected it in UTF-8");
    assertThatThrownBy(() -> new ByteSource(new byte[1], 7).requireEnd("the list"))
        .hasMessage("at byte 7: expected the end of the list, but 1 bytes are left");
  }

  @Example
  void shouldTakeBlanksOutOfJsonButNotOfItsStrings() throws IOException {
    String json = "{ \"a b\" :\n [ 1, \"c \\\" d \\\\\", { } ]\r\n}\t";
    ByteSink sink = new ByteSink();
    ConfigurationText.put(json, sink);

    String read = ConfigurationText.get(new ByteSource(sink.toBytes(), 0), 100);

    assertThat(read).isEqualTo("{\"a b\":[1,\"c \\\" d \\\\\",{}]}");
    assertThatThrownBy(() -> ConfigurationText.get(new ByteSource(sink.toBytes(), 0), 10))
        .hasMessageContaining("at most 10");
  }

  /** The words of every configuration are known to both sides. */
  @Example
  void shouldWriteTheWordsOfAConfigurationInFewBytes() throws IOException {
    String json =
        "{\"backpropType\":\"Standard\",\"cacheMode\":\"NONE\",\"dataType\":\"FLOAT\","
            + "\"epochCount\":0,\"iterationCount\":0,\"gradientNormalization\":\"None\"}";
    ByteSink sink = new ByteSink();
    ConfigurationText.put(json, sink);

    assertThat(sink.size()).isLessThan(json.length() / 2);
    assertThat(ConfigurationText.get(new ByteSource(sink.toBytes(), 0), 1_000)).isEqualTo(json);
  }

  @Example
  void shouldRefuseAConfigurationThatIsDamaged() {
    ByteSink sink = new ByteSink();
    ConfigurationText.put("{\"a\":1}", sink);
    for (int at = 0; at < sink.size(); at++) {
      byte[] bytes = sink.toBytes();
      bytes[at] ^= 0x11;
      assertThatThrownBy(() -> ConfigurationText.get(new ByteSource(bytes, 0), 100))
          .as("byte %d", at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected");
    }
  }

  @Example
  void shouldReadUpToWhatIsAllowed() throws IOException {
    ByteSink sink = new ByteSink();
    sink.putCount(300);
    sink.putByte(5);
    byte[] bytes = sink.toBytes();

    assertThat(new ByteSource(bytes, 0).getCount(300, "a count")).isEqualTo(300);
    assertThatThrownBy(() -> new ByteSource(bytes, 0).getCount(299, "a count"))
        .hasMessage("at byte 2: expected a count of at most 299, but found 300");
    ByteSource last = new ByteSource(bytes, 0);
    last.getBytes(2);
    assertThat(last.remaining()).isEqualTo(1);
    assertThatThrownBy(() -> last.getByte(4, "a way"))
        .hasMessage("at byte 2: expected a way from 0 to 4, but found 5");
    assertThat(last.getByte(5, "a way")).isEqualTo(5);
    assertThatThrownBy(() -> last.getBytes(1))
        .hasMessage("at byte 3: expected 1 bytes, but only 0 are left");
    byte[] endless = new byte[10];
    java.util.Arrays.fill(endless, (byte) -1);
    assertThatThrownBy(() -> new ByteSource(endless, 0).getCount(9, "a count"))
        .hasMessageContaining("expected a count, but found a number without an end");
  }
}
