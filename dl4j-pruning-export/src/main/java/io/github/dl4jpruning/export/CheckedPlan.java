package io.github.dl4jpruning.export;

import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;

/**
 * The plan of a network that was run in the runtime and compared with DL4J. All exporters start
 * from it, so that all files describe the same network.
 */
public final class CheckedPlan {

  /** What is appended to the name of a file for the result of the check. */
  static final String CHECK = ".check.json";

  private final InferencePlan plan;
  private final ExportOptions options;
  private final Comparison comparison;
  private final byte[] runtimeFile;

  private CheckedPlan(
      InferencePlan plan, ExportOptions options, Comparison comparison, byte[] runtimeFile) {
    this.plan = plan;
    this.options = options;
    this.comparison = comparison;
    this.runtimeFile = runtimeFile;
  }

  /**
   * Makes the plan of a network and compares it with DL4J.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param options types of inputs, a normaliser, half precision, data to check on
   * @param file the file that is to be written, for the message
   * @return the plan and the result of the check
   * @throws IllegalArgumentException if a layer cannot be exported
   * @throws IllegalStateException if outputs differ from those of DL4J by more than the tolerance
   */
  public static CheckedPlan of(Model network, ExportOptions options, Path file) {
    return of(network, InferencePlan.of(network, options), options, 0, file);
  }

  /**
   * Compares a plan with DL4J.
   *
   * @param network the network that the plan was made from
   * @param plan its plan, possibly with rounded weights
   * @param options data to check on, the tolerance
   * @param steps the number of time steps of random sequences; 0 for some
   * @param file the file that is to be written, for the message
   * @return the plan and the result of the check
   * @throws IllegalArgumentException if the runtime cannot load the plan
   * @throws IllegalStateException if outputs differ from those of DL4J by more than the tolerance
   */
  public static CheckedPlan of(
      Model network, InferencePlan plan, ExportOptions options, int steps, Path file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SparseModel model;
    try {
      RuntimeExporter.write(plan, options, bytes);
      model = SparseModel.load(new ByteArrayInputStream(bytes.toByteArray()));
    } catch (IOException e) { // in memory, so it is the plan that does not fit
      throw new IllegalArgumentException(
          "expected a network that the runtime can load for the check, but found: "
              + e.getMessage(),
          e);
    }
    Comparison comparison = Comparison.inRuntime(network, plan, model, options, steps);
    if (!(comparison.largestDifference() <= options.tolerance())) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s is not written: expected outputs that differ from those of DL4J by at most %s of"
                  + " the largest output, but they differ by %.3g",
              file,
              options.tolerance(),
              comparison.largestDifference()));
    }
    return new CheckedPlan(plan, options, comparison, bytes.toByteArray());
  }

  /**
   * Returns the plan.
   *
   * @return the plan
   */
  public InferencePlan plan() {
    return plan;
  }

  /** The bytes of the runtime file that was checked. */
  byte[] runtimeFile() {
    return runtimeFile;
  }

  /**
   * Returns the result of the check.
   *
   * @param bytes the length of the file that is written
   * @return what the plan has and how it compares with DL4J
   */
  public ExportReport report(long bytes) {
    return new ExportReport(
        bytes,
        plan.weights().stream().mapToLong(w -> w.values().length).sum(),
        plan.weights().stream().mapToLong(Matrix::nonZeros).sum(),
        comparison.samples(),
        options.data().isEmpty(),
        comparison.largestDifference(),
        comparison.differentClasses(),
        plan.unreadChannels());
  }

  /**
   * Writes a file, and the result of the check beside it.
   *
   * @param file the destination; written under a temporary name and renamed
   * @param bytes the content
   * @return a report of what was written
   * @throws IOException if one of the files cannot be written
   */
  public ExportReport write(Path file, byte[] bytes) throws IOException {
    ExportReport report = report(bytes.length);
    AtomicFile.write(file, out -> out.write(bytes));
    AtomicFile.write(
        file.resolveSibling(file.getFileName() + CHECK),
        out -> out.write(report.toJson().getBytes(StandardCharsets.UTF_8)));
    return report;
  }
}
