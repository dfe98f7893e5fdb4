package io.github.dl4jpruning.codec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.runtime.codec.Sections;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SectionReaderTest {

  private static byte[] letters(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static SectionReader reader(long length, byte[] content) throws IOException {
    ByteSink sink = new ByteSink();
    sink.putBytes(letters(SectionWriter.MAGIC), SectionWriter.MAGIC.length());
    sink.putNumber(SectionWriter.VERSION, Integer.BYTES);
    sink.putBytes(letters(Section.PARA.name()), Sections.LETTERS);
    sink.putNumber(length, Integer.BYTES);
    return new SectionReader(
        new SequenceInputStream(
            new ByteArrayInputStream(sink.toBytes()), new ByteArrayInputStream(content)));
  }

  @ParameterizedTest
  @ValueSource(longs = {Sections.LONGEST + 1L, 1L << 31, 0xFFFF_FFFFL})
  void shouldRefuseSectionsThatAreTooLong(long length) throws IOException {
    SectionReader reader = reader(length, new byte[100]);

    assertThatThrownBy(reader::next)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at byte 20: expected a section of at most 1073741824 bytes")
        .hasMessageContaining("found " + length);
  }

  @Test
  void shouldSayWhereTheFileEnds() throws IOException {
    SectionReader reader = reader(Sections.LONGEST, new byte[100]);

    assertThatThrownBy(reader::next)
        .isInstanceOf(EOFException.class)
        .hasMessage("at byte 120: expected 1073741724 more bytes, but the file ends");
  }
}
