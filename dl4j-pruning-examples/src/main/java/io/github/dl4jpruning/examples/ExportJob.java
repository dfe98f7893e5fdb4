package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.Models;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.export.c.CExporter;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.export.c.CReport;
import io.github.dl4jpruning.export.onnx.OnnxExporter;
import io.github.dl4jpruning.pipeline.ExportFormat;
import io.github.dl4jpruning.pipeline.ExportTable;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Writes a model in other formats, and compares it with DL4J.
 *
 * @param basic the model, or the network to train, and its images
 * @param data the images; the file is checked on the test images
 * @param formats what to write
 * @param half whether weights have 16 bits, except in C
 * @param c the name of C files, and how their weights are stored
 * @param seed the seed if a model is trained
 * @param folder the folder for results
 * @param out where the job prints
 */
record ExportJob(
    ModelOptions basic,
    ImageData data,
    Set<ExportFormat> formats,
    boolean half,
    COptions c,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  private static final int BATCH = 250;
  private static final double[] SPARSITIES = {0.5, 0.8, 0.9, 0.95, 0.98};
  private static final double MICROS_PER_MILLI = 1e3;

  void run() throws IOException, TrainingFailedException {
    INDArray one = ImageBatches.inOrder(data.validation(), 1).next().getFeatures();
    Model network = basic.model().isPresent() ? Models.load(basic.model().get(), one) : trained();
    ExportOptions single = ExportOptions.defaults().withInputTypes(type(one));
    ExportOptions options = half ? single.withHalfPrecision() : single;
    ExportTable table = new ExportTable();
    for (ExportFormat format : formats) {
      export(format, network, format == ExportFormat.C ? single : options, table);
    }
    out.println(table);
    if (formats.contains(ExportFormat.RUNTIME)) {
      forecast(network, options);
    }
    for (ExportFormat format : formats) {
      out.println("saved in " + folder.path().resolve(format.file(c.name())));
    }
  }

  private void export(ExportFormat format, Model network, ExportOptions options, ExportTable table)
      throws IOException {
    ExportOptions checked = options.checkedOn(ImageBatches.inOrder(data.test(), BATCH));
    Path file = folder.path().resolve(format.file(c.name()));
    switch (format) {
      case RUNTIME -> {
        ExportReport report = RuntimeExporter.write(network, file, checked);
        double millis = new RuntimeLatency(options).millis(network);
        table.add(format, report, Optional.of(MICROS_PER_MILLI * millis));
      }
      case ONNX -> table.add(format, OnnxExporter.write(network, file, checked), Optional.empty());
      case C -> {
        COptions all = c.with(checked);
        Optional<CCompiler> compiler = CCompiler.find();
        CReport report =
            CExporter.write(network, folder.path(), compiler.map(all::compiledBy).orElse(all));
        table.add(report);
        if (compiler.isEmpty()) {
          out.println("no C compiler (cc, gcc, clang) was found, so the C code was not run");
        }
      }
    }
  }

  private void forecast(Model network, ExportOptions options) throws IOException {
    RuntimeLatency latency = new RuntimeLatency(options);
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

  private static InputType type(INDArray features) {
    return features.rank() == 4
        ? InputType.convolutional(features.size(2), features.size(3), features.size(1))
        : InputType.feedForward(features.size(1));
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

  private Model trained() throws IOException, TrainingFailedException {
    Model network =
        basic.network().build(data.format(), seed, new Adam(basic.learningRate()), basic.l2());
    new Trainer(data, basic.augmentation(), basic.batchSize(), seed, Optional.of(out))
        .train("dense", network, Optional.empty(), basic.denseEpochs());
    network.setListeners();
    return network;
  }
}
