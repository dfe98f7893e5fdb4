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
   * @param section what it is
   * @param content its content
   */
  public record Content(Section section, ByteSource content) {}

  /**
   * Begins to read.
   *
   * @param in where from; not closed, and read no further than the last section
   * @throws IOException if it is no compact model, or one of another version
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
   * Reads a section.
   *
   * @return what it is, and its content
   * @throws IOException if there is none, or it is damaged
   */
  public Content next() throws IOException {
    Sections.Content next = sections.next();
    return new Content(Section.valueOf(next.name()), next.bytes());
  }

  /**
   * Looks over all sections, without keeping any.
   *
   * @param in a whole file; not closed
   * @throws IOException if it is damaged, or goes on after the last section
   */
  public static void check(InputStream in) throws IOException {
    SectionReader reader = new SectionReader(in);
    while (reader.next().section() != Section.DONE) {
      // Its checksum was compared.
    }
    reader.sections.requireEnd();
  }
}
