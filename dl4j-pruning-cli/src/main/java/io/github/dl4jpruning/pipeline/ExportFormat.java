package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.export.c.CExporter;
import java.util.List;
import java.util.Locale;

/** The formats of the {@code export} job. */
public enum ExportFormat {
  /** For {@code dl4j-pruning-runtime}. */
  RUNTIME(".dl4jrun"),

  /** For ONNX Runtime and other engines. */
  ONNX(".onnx"),

  /** For microcontrollers. */
  C(".c");

  private static final String MODEL = "model";

  private final String suffix;

  ExportFormat(String suffix) {
    this.suffix = suffix;
  }

  /**
   * Returns the main file.
   *
   * @param cName the name of C files
   * @return its name
   */
  public String file(String cName) {
    return (this == C ? cName : MODEL) + suffix;
  }

  /**
   * Returns the file with the result of the check.
   *
   * @param cName the name of C files
   * @return its name
   */
  public String report(String cName) {
    return this == C ? cName + CExporter.CHECK : file(cName) + RuntimeExporter.CHECK;
  }

  /**
   * Returns all files.
   *
   * @param cName the name of C files
   * @return their names
   */
  public List<String> files(String cName) {
    return this == C
        ? List.of(file(cName), cName + ".h", report(cName))
        : List.of(file(cName), report(cName));
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
