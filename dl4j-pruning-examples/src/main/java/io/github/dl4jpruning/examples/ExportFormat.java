package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.export.RuntimeExporter;

/** The formats of the {@code export} job. */
enum ExportFormat {
  /** For {@code dl4j-pruning-runtime}. */
  RUNTIME("model.dl4jrun"),

  /** For ONNX Runtime and other engines. */
  ONNX("model.onnx");

  private final String file;

  ExportFormat(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  String report() {
    return file + RuntimeExporter.CHECK;
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
