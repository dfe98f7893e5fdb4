package io.github.dl4jpruning.console;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Writes UTF-8 text with the same line endings in tables and messages. */
public final class Console extends PrintWriter {

  /**
   * Writes to a stream.
   *
   * @param out standard output, for instance
   */
  public Console(OutputStream out) {
    super(out, true, StandardCharsets.UTF_8);
  }

  @Override
  public void println() {
    print('\n');
    flush();
  }
}
