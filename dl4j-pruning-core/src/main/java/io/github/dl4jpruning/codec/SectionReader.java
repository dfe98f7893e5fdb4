package io.github.dl4jpruning.codec;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.runtime.codec.Sections;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads the sections of a compact model. */
public final class SectionReader {

  private final Sections sections;

  /**
   * A section.
   *
   * @param section the kind of section
   * @param content its content
   */
  public record Content(Section section, ByteSource content) {}

  /**
   * Starts reading a compact model.
   *
   * @param in the source; not closed, and not read beyond the last section
   * @throws IOException if it is not a compact model, or has another version
   */
  public SectionReader(InputStream in) throws IOException {
    this.sections =
        new Sections(
            in,
            "compact model",
            SectionWriter.MAGIC,
            SectionWriter.VERSION,
            Arrays.stream(Section.values()).map(Section::name).toArray(String[]::new));
  }

  /**
   * Reads the next section.
   *
   * @return the section and its content
   * @throws IOException if there is no section, or it is damaged
   */
  public Content next() throws IOException {
    Sections.Content next = sections.next();
    return new Content(Section.valueOf(next.name()), next.bytes());
  }

  /**
   * Checks all sections without keeping any.
   *
   * @param in a whole file; not closed
   * @throws IOException if it is damaged or continues after the last section
   */
  public static void check(InputStream in) throws IOException {
    SectionReader reader = new SectionReader(in);
    while (reader.next().section() != Section.DONE) {
      // next() has compared the checksum.
    }
    reader.sections.requireEnd();
  }
}
