package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.export.c.CExporter;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.export.c.CReport;
import io.github.dl4jpruning.export.onnx.OnnxExporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Writes a network in other formats, and adds each to a table.
 *
 * @param folder the folder for the files
 * @param options the input type and the normaliser
 * @param half whether weights have 16 bits, except in C
 * @param c the name of C files, and how their weights are stored
 * @param samples gives the samples on which files are compared with DL4J; empty for random ones
 * @param table shows the files
 */
record ModelExport(
    OutputFolder folder,
    ExportOptions options,
    boolean half,
    COptions c,
    Optional<Supplier<DataSetIterator>> samples,
    ExportTable table) {

  /** The usual name of C files, and beginning of the names of their functions. */
  static final String NAME = "model";

  private static final double MICROS = 1e3;

  /**
   * Writes a format.
   *
   * @return the check of the file
   * @throws IllegalArgumentException if the network has what the format does not support
   * @throws IllegalStateException if the file gives other predictions than DL4J
   */
  ExportReport write(ExportFormat format, Model network) throws IOException {
    ExportOptions plain = half && format != ExportFormat.C ? options.withHalfPrecision() : options;
    ExportOptions checked = samples.map(given -> plain.checkedOn(given.get())).orElse(plain);
    Path file = folder.path().resolve(format.file(c.name()));
    switch (format) {
      case RUNTIME -> {
        ExportReport report = RuntimeExporter.write(network, file, checked);
        double millis = new RuntimeLatency(plain).millis(network);
        table.add(format, report, Optional.of(MICROS * millis));
        return report;
      }
      case ONNX -> {
        ExportReport report = OnnxExporter.write(network, file, checked);
        table.add(format, report, Optional.empty());
        return report;
      }
      default -> {
        COptions all = c.with(checked);
        Optional<CCompiler> compiler = CCompiler.find();
        CReport report =
            CExporter.write(network, folder.path(), compiler.map(all::compiledBy).orElse(all));
        table.add(report);
        return report.plan();
      }
    }
  }
}
