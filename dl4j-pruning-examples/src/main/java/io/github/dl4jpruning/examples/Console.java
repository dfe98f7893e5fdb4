package io.github.dl4jpruning.examples;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Writes text in UTF-8 whose lines all end alike, those of tables as those of messages. */
final class Console extends PrintWriter {

  Console(OutputStream out) {
    super(out, true, StandardCharsets.UTF_8);
  }

  @Override
  public void println() {
    print('\n');
    flush();
  }
}
