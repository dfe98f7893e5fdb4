package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.CheckedPlan;
import io.github.dl4jpruning.export.Comparison;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * Writes a network as C99 for microcontrollers: a header and a source file that need nothing but
 * {@code math.h} and {@code stdint.h}, and allocate no memory.
 *
 * <pre>{@code
 * CExporter.write(network, Path.of("firmware"), COptions.named("digits"));
 * }</pre>
 *
 * <p>The code visits only the weights that are not zero. The function {@code int digits_run(const
 * float *input, float *output)} runs one sample, in the layout of the network's arrays; a network
 * with several inputs or outputs has a parameter for each. A recurrent network whose layers read
 * one time step at a time also has {@code digits_step} and {@code digits_reset}. The number of time
 * steps of a whole sequence is fixed; without it there is only {@code digits_step}.
 */
public final class CExporter {

  /** The suffix of the file with the result of the check, after the name. */
  public static final String CHECK = ".c.check.json";

  private static final int RANDOM_STEPS = 7;

  /** Of the compiled code from the same rounded weights in the runtime. */
  private static final double ROUNDING = 1e-3;

  /** Rounded weights have no limit; the report says how many samples get another class. */
  private static final double NO_LIMIT = Double.MAX_VALUE;

  private CExporter() {}

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param directory the folder for {@code NAME.h}, {@code NAME.c} and {@code NAME.c.check.json};
   *     made if it is missing. Each file is written under a temporary name and renamed
   * @param options the name, how weights are stored, the number of time steps, data for the check
   * @return the sizes, and how the network compares with DL4J
   * @throws IllegalArgumentException if a layer has no form in C, or the number of time steps must
   *     be known; nothing is written then
   * @throws IllegalStateException if outputs differ from those of DL4J by more than the tolerance;
   *     nothing is written then
   * @throws IOException if a file cannot be written, or the compiler fails
   */
  public static CReport write(Model network, Path directory, COptions options) throws IOException {
    ExportOptions export = options.export();
    InferencePlan exact = InferencePlan.of(network, export);
    int steps = steps(options);
    CSource source = CSource.of(exact, options, steps);
    boolean lossy = options.weights() != WeightFormat.FLOAT;
    InferencePlan plan =
        lossy ? exact.withWeights(m -> PackedMatrix.values(m, options.weights()).decoded()) : exact;
    ExportOptions checks = lossy ? export.withTolerance(NO_LIMIT) : export;
    Path file = directory.resolve(options.name() + ".c");
    CheckedPlan checked = CheckedPlan.of(network, plan, checks, someSteps(steps), file);
    ExportReport report = checked.report(0);
    List<String> facts = facts(options, report, plan);
    String header = source.header(facts);
    String text = source.source(facts);
    Optional<CReport.Compiled> compiled = Optional.empty();
    if (options.compiler().isPresent()) {
      try (CompiledProgram program = CompiledProgram.of(exact, source, header, text, options)) {
        compiled = Optional.of(compared(network, plan, program, checks, steps, report));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    CReport result =
        new CReport(
            checked.report(bytes.length), source.constantBytes(), source.memoryBytes(), compiled);
    Files.createDirectories(directory);
    write(file, bytes);
    write(directory.resolve(options.name() + ".h"), header.getBytes(StandardCharsets.UTF_8));
    write(
        directory.resolve(options.name() + CHECK),
        result.toJson().getBytes(StandardCharsets.UTF_8));
    return result;
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    AtomicFile.write(file, out -> out.write(bytes));
  }

  /** Returns the number of time steps of the options or of the types of inputs; 0 if unknown. */
  static int steps(COptions options) {
    if (options.steps() > 0) {
      return options.steps();
    }
    List<Long> lengths =
        options.export().inputTypes().stream()
            .filter(InputType.InputTypeRecurrent.class::isInstance)
            .map(type -> ((InputType.InputTypeRecurrent) type).getTimeSeriesLength())
            .filter(length -> length > 0)
            .distinct()
            .toList();
    if (lengths.size() > 1) {
      throw new IllegalArgumentException(
          "expected inputs with the same number of time steps, since C code has one number for all"
              + " of them, but found "
              + lengths);
    }
    return lengths.isEmpty() ? 0 : Math.toIntExact(lengths.get(0));
  }

  /** Returns a number of time steps for random sequences. */
  private static int someSteps(int steps) {
    return steps > 0 ? steps : RANDOM_STEPS;
  }

  private static CReport.Compiled compared(
      Model network,
      InferencePlan plan,
      CompiledProgram program,
      ExportOptions options,
      int steps,
      ExportReport inRuntime)
      throws IOException {
    Comparison result = Comparison.of(network, plan, program::run, options, someSteps(steps));
    // With rounded weights, the runtime has the same ones, so what is left is the order of sums.
    double limit =
        options.tolerance() < NO_LIMIT
            ? options.tolerance()
            : inRuntime.largestDifference() + ROUNDING;
    if (!(result.largestDifference() <= limit)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "C code is not written: expected outputs of the compiled code that differ from those"
                  + " of DL4J by at most %.3g of the largest output, but they differ by %.3g",
              limit,
              result.largestDifference()));
    }
    return new CReport.Compiled(
        result.samples(),
        result.largestDifference(),
        result.differentClasses(),
        program.nanos(),
        program.sections());
  }

  private static List<String> facts(COptions options, ExportReport report, InferencePlan plan) {
    List<String> facts = new ArrayList<>();
    String version = CExporter.class.getPackage().getImplementationVersion();
    facts.add(
        String.format(
            Locale.ROOT,
            "%s: a network of %d operations, written by dl4j-pruning%s.",
            options.name(),
            plan.steps().size(),
            version == null ? "" : " " + CNames.comment(version)));
    facts.add(
        String.format(
            Locale.ROOT,
            "%,d of its %,d weights are not zero (sparsity %.2f%%); weights are stored as %s.",
            report.nonZeros(),
            report.weights(),
            100 * plan.sparsity(),
            options.weights()));
    facts.add(
        String.format(
            Locale.ROOT,
            "Compared with DL4J on %,d %ssamples: largest difference %.2g of the largest output,",
            report.samples(),
            report.randomSamples() ? "random " : "",
            report.largestDifference()));
    facts.add(
        String.format(
            Locale.ROOT, "%,d samples with another largest output.", report.differentClasses()));
    return facts;
  }
}
