package io.github.dl4jpruning.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Files of sections, and what is said of those that are damaged. */
class SectionWriterTest {

  /** Letters and version; a section of five bytes; an empty one. */
  private static final int HEAD_AT = 12;

  private static final int DONE_AT = HEAD_AT + 17;
  private static final int END = DONE_AT + 12;

  private static byte[] file() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SectionWriter writer = new SectionWriter(bytes);
    assertThat(writer.written()).isEqualTo(HEAD_AT);
    ByteSink content = new ByteSink();
    content.putBytes(new byte[] {1, 2, 3, 4, 5}, 5);
    writer.write(Section.HEAD, content);
    assertThat(writer.written()).isEqualTo(DONE_AT);
    writer.write(Section.DONE, new ByteSink());
    assertThat(writer.written()).isEqualTo(END);
    return bytes.toByteArray();
  }

  private static ByteArrayInputStream with(int at, int value) throws IOException {
    byte[] file = file();
    file[at] = (byte) value;
    return new ByteArrayInputStream(file);
  }

  @Test
  void sectionsAreReadAsTheyWereWritten() throws IOException {
    byte[] file = file();
    assertThat(file).hasSize(END).startsWith("DL4JCOMP".getBytes(US_ASCII));
    SectionReader reader = new SectionReader(new ByteArrayInputStream(file));

    SectionReader.Content head = reader.next();
    assertThat(head.section()).isEqualTo(Section.HEAD);
    assertThat(head.content().getBytes(5)).containsExactly(1, 2, 3, 4, 5);
    head.content().requireEnd("the head");
    assertThat(head.content().error("it")).hasMessage("at byte " + (HEAD_AT + 13) + ": it");
    assertThat(reader.next().section()).isEqualTo(Section.DONE);
    SectionReader.check(new ByteArrayInputStream(file));
  }

  @Test
  void aChangedByteIsFound() throws IOException {
    for (int at = HEAD_AT + 8; at < DONE_AT; at++) {
      int place = at;
      assertThatThrownBy(() -> SectionReader.check(with(place, file()[place] + 1)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the section HEAD from byte 12 to 29 is damaged: expected the");
    }
  }

  @Test
  void whatIsNoCompactModelIsRefused() {
    assertThatThrownBy(() -> new SectionReader(with(7, 'X')))
        .isInstanceOf(IOException.class)
        .hasMessage("at byte 0: expected a compact model, but it does not begin with DL4JCOMP");
    assertThatThrownBy(() -> new SectionReader(with(11, 2)))
        .hasMessage("at byte 8: expected a compact model of version 1, but found version 2");
    assertThatThrownBy(() -> SectionReader.check(with(HEAD_AT, 'X')))
        .hasMessage(
            "at byte 12: expected one of the sections [HEAD, PARA, UPDA, NORM, PRUN, DONE], but"
                + " found another");
  }

  @Test
  void aFileEndsWithItsLastSection() throws IOException {
    byte[] longer = Arrays.copyOf(file(), END + 1);
    assertThatThrownBy(() -> SectionReader.check(new ByteArrayInputStream(longer)))
        .isInstanceOf(IOException.class)
        .hasMessage("at byte " + END + ": expected the end of the file, but more bytes follow");
    for (int length : new int[] {HEAD_AT - 1, HEAD_AT + 3, DONE_AT - 1, DONE_AT, END - 1}) {
      byte[] cut = Arrays.copyOf(file(), length);
      assertThatThrownBy(() -> SectionReader.check(new ByteArrayInputStream(cut)))
          .as("cut at %d", length)
          .hasMessageContaining("at byte " + length + ": expected")
          .hasMessageEndingWith("but the file ends");
    }
  }

  /** It is read in pieces of a megabyte. */
  @Test
  void aLongSectionEndsWhereTheNextBegins() throws IOException {
    byte[] many = new byte[(1 << 20) + 500];
    Arrays.fill(many, (byte) 7);
    ByteSink content = new ByteSink();
    content.putBytes(many, many.length);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SectionWriter writer = new SectionWriter(bytes);
    writer.write(Section.PARA, content);
    writer.write(Section.DONE, new ByteSink());

    SectionReader reader = new SectionReader(new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(reader.next().content().getBytes(many.length)).isEqualTo(many);
    assertThat(reader.next().section()).isEqualTo(Section.DONE);
  }
}
