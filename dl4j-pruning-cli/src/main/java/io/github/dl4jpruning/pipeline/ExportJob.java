package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Writes a network in other formats, compares each file with DL4J, and shows how long a prediction
 * takes in the runtime.
 *
 * @param options the input type and the normaliser
 * @param samples the data on which files are compared; empty for random samples
 * @param formats what to write
 * @param half whether weights have 16 bits, except in C
 * @param c the name of C files, and how their weights are stored
 * @param folder the folder for the files
 * @param out where the job prints
 */
public record ExportJob(
    ExportOptions options,
    Optional<PruneData> samples,
    Set<ExportFormat> formats,
    boolean half,
    COptions c,
    OutputFolder folder,
    PrintWriter out) {

  private static final double[] SPARSITIES = {0.5, 0.8, 0.9, 0.95, 0.98};
  private static final double MICROS_PER_MILLI = 1e3;

  /**
   * Writes all formats.
   *
   * @param network the network
   * @throws IOException if a file cannot be written
   * @throws IllegalArgumentException if a format does not support the network
   */
  public void run(Model network) throws IOException {
    ExportTable table = new ExportTable();
    ModelExport export = new ModelExport(folder, options, half, c, samples.map(this::given), table);
    for (ExportFormat format : formats) {
      export.write(format, network);
    }
    out.println(table);
    if (formats.contains(ExportFormat.C) && CCompiler.find().isEmpty()) {
      out.println("no C compiler (cc, gcc, clang) was found, so the C code was not run");
    }
    if (formats.contains(ExportFormat.RUNTIME)) {
      forecast(network);
    }
    for (ExportFormat format : formats) {
      out.println("saved in " + folder.path().resolve(format.file(c.name())));
    }
  }

  /** The files normalise their inputs themselves if they have a normaliser. */
  private Supplier<DataSetIterator> given(PruneData data) {
    return options.normalizer().isPresent() ? data::rawTest : data::test;
  }

  private void forecast(Model network) throws IOException {
    RuntimeLatency latency = new RuntimeLatency(half ? options.withHalfPrecision() : options);
    double own = latency.millis(network);
    Map<Double, Double> forecast = latency.forecast(network, SPARSITIES);
    TextTable table = new TextTable("one prediction in the runtime", "µs");
    table.row("the model as it is", micros(own));
    forecast.forEach(
        (sparsity, millis) ->
            table.row(
                String.format(
                    Locale.ROOT, "with %.0f%% of these weights zero, at random", 100 * sparsity),
                micros(millis)));
    out.println(table);
    write(own, forecast);
  }

  private static String micros(double millis) {
    return String.format(Locale.ROOT, "%,.1f", MICROS_PER_MILLI * millis);
  }

  /** Adds the times to the report of the runtime file. */
  private void write(double own, Map<Double, Double> forecast) throws IOException {
    String name = ExportFormat.RUNTIME.report(c.name());
    ObjectNode json =
        (ObjectNode) new ObjectMapper().readTree(folder.path().resolve(name).toFile());
    json.put("micros", MICROS_PER_MILLI * own);
    ObjectNode micros = json.putObject("microsAtSparsity");
    forecast.forEach(
        (sparsity, millis) -> micros.put(sparsity.toString(), MICROS_PER_MILLI * millis));
    byte[] text = json.toPrettyString().getBytes(StandardCharsets.UTF_8);
    folder.write(name, to -> to.write(text));
  }
}
