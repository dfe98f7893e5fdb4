package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
