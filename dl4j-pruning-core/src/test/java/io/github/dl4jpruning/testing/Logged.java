package io.github.dl4jpruning.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Reads the log. A test that does must run alone. */
public final class Logged {

  private Logged() {}

  /** What is logged meanwhile: slf4j-simple writes to System.err of the moment. */
  public static String by(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream log = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(log);
      action.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
