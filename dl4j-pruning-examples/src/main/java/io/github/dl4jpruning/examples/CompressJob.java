package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.charts.SizesChart;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.compact.RestoreOptions;
import io.github.dl4jpruning.compact.SharedWeights;
import io.github.dl4jpruning.compact.SizeReport;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.Models;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.report.TextTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Writes a compact file, and compares it with the original model.
 *
 * @param basic the model, or the network to train, and its images
 * @param data the images; the test images are used at the end, once for each network
 * @param bits the bits of shared weights; empty for a lossless file
 * @param fineTuneEpochs epochs in which shared values are trained
 * @param fineTuneRate learning rate of the shared values
 * @param seed the seed for batches
 * @param folder the folder for results
 * @param out where the job prints
 */
record CompressJob(
    ModelOptions basic,
    ImageData data,
    OptionalInt bits,
    int fineTuneEpochs,
    double fineTuneRate,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  static final String MODEL = "model.compact";
  static final String REPORT = "report.json";
  static final String CHART = "chart.png";

  private static final int EVALUATION_BATCH = 250;

  /** The bits of shared weights in the size report if none are asked for. */
  private static final int USUAL_BITS = 5;

  /** A form with its size and accuracy. */
  private record Form(String name, long bytes, double validationAccuracy) {}

  void run() throws IOException, TrainingFailedException {
    Model original =
        basic.model().isPresent() ? Models.load(basic.model().get(), firstImages(1)) : trained();
    SizeReport sizes = SizeReport.of(original, bits.orElse(USUAL_BITS));
    out.println(sizes);
    List<Form> forms = forms(original, sizes);
    Model written = bits.isEmpty() ? original : shared(original, bits.getAsInt());
    Path file =
        folder.write(
            MODEL, to -> CompactModelSerializer.write(written, to, CompactOptions.lossless()));
    Model read = CompactModelSerializer.restore(file).network();
    long changed = different(written, read);
    if (changed > 0 || !read.params().equals(written.params())) {
      throw new IOException(
          file + ": expected the model that was written, but " + changed + " predictions differ");
    }
    show(original, read, sizes, forms, file);
  }

  private Model trained() throws IOException, TrainingFailedException {
    Model network =
        basic.network().build(data.format(), seed, new Adam(basic.learningRate()), basic.l2());
    new Trainer(data, basic.augmentation(), basic.batchSize(), seed, Optional.of(out))
        .train("dense", network, Optional.empty(), basic.denseEpochs());
    network.setListeners();
    return network;
  }

  private INDArray firstImages(int count) {
    return ImageBatches.inOrder(data.validation(), count).next().getFeatures();
  }

  /** Returns the forms, each read back and evaluated on the validation images. */
  private List<Form> forms(Model original, SizeReport sizes) throws IOException {
    List<Form> forms = new ArrayList<>();
    double accuracy = Trainer.accuracy(original, data.validation());
    forms.add(new Form("raw floats", sizes.raw(), accuracy));
    forms.add(new Form("DL4J's zip", sizes.zip(), accuracy));
    forms.add(form("compact, lossless", original, CompactOptions.lossless()));
    forms.add(form("half precision", original, CompactOptions.halfPrecision()));
    for (int b : IntStream.iterate(8, b -> b >= 2, b -> b - 1).toArray()) {
      forms.add(form(b + " bits shared", original, CompactOptions.sharedWeights(b)));
    }
    return forms;
  }

  private Form form(String name, Model original, CompactOptions options) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CompactModelSerializer.write(original, bytes, options);
    Model read =
        CompactModelSerializer.restore(
                new ByteArrayInputStream(bytes.toByteArray()), RestoreOptions.defaults())
            .network();
    return new Form(name, bytes.size(), Trainer.accuracy(read, data.validation()));
  }

  /** Returns a copy with shared weights: the best of all epochs, the initial state included. */
  private Model shared(Model original, int codeBits) throws IOException, TrainingFailedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CompactModelSerializer.write(original, bytes, CompactOptions.lossless());
    Model network =
        CompactModelSerializer.restore(
                new ByteArrayInputStream(bytes.toByteArray()), RestoreOptions.defaults())
            .network();
    setRate(network);
    SharedWeights shared = SharedWeights.share(network, codeBits);
    INDArray best = network.params().dup();
    double bestAccuracy = Trainer.accuracy(network, data.validation());
    ImageBatches batches =
        ImageBatches.shuffled(data.train(), basic.batchSize(), basic.augmentation(), seed);
    for (int epoch = 1; epoch <= fineTuneEpochs; epoch++) {
      ((NeuralNetwork) network).fit(batches);
      if (!Double.isFinite(network.params().sumNumber().doubleValue())) {
        throw new TrainingFailedException(
            "expected finite shared values, but training diverged; a lower --fine-tune-rate may"
                + " help");
      }
      double accuracy = Trainer.accuracy(network, data.validation());
      out.printf(
          Locale.ROOT,
          "shared values  epoch %d/%d  validation %.2f%%\n",
          epoch,
          fineTuneEpochs,
          100 * accuracy);
      if (accuracy > bestAccuracy) {
        bestAccuracy = accuracy;
        best = network.params().dup();
      }
    }
    network.setParams(best);
    shared.detach();
    return network;
  }

  private void setRate(Model network) {
    if (network instanceof ComputationGraph graph) {
      graph.setLearningRate(fineTuneRate);
    } else {
      ((MultiLayerNetwork) network).setLearningRate(fineTuneRate);
    }
  }

  private void show(Model original, Model read, SizeReport sizes, List<Form> forms, Path file)
      throws IOException {
    TextTable table = new TextTable("form", "bytes", "smaller than raw", "validation accuracy");
    for (Form form : forms) {
      row(table, form, sizes.raw());
    }
    Form chosen = new Form("the file", Files.size(file), Trainer.accuracy(read, data.validation()));
    table.rule();
    row(table, chosen, sizes.raw());
    out.println(table);
    double before = Trainer.accuracy(original, data.test());
    double after = Trainer.accuracy(read, data.test());
    long different = different(original, read);
    out.printf(
        Locale.ROOT,
        "test accuracy %.2f%%, of the file %.2f%%; %,d of %,d test images are classified"
            + " differently; read back, the file gives the same predictions\n\n",
        100 * before,
        100 * after,
        different,
        data.test().size());
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(sizes.toJson());
    json.put("fileBytes", chosen.bytes()).put("fileIsLossless", bits.isEmpty());
    json.put("fileValidationAccuracy", chosen.validationAccuracy());
    json.putObject("testAccuracy").put("before", before).put("after", after);
    json.put("differentPredictions", different);
    Path report =
        folder.write(
            REPORT,
            to -> to.write((json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8)));
    List<Form> all = new ArrayList<>(forms);
    all.add(chosen);
    Path chart =
        folder.write(
            CHART,
            to ->
                SizesChart.write(
                    "Size of the model on disk",
                    all.stream().map(Form::name).toList(),
                    all.stream().map(Form::bytes).toList(),
                    to));
    out.printf(Locale.ROOT, "model    %s\n", file);
    out.printf(Locale.ROOT, "report   %s\n", report);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  private static void row(TextTable table, Form form, long raw) {
    table.row(
        form.name(),
        String.format(Locale.ROOT, "%,d", form.bytes()),
        String.format(Locale.ROOT, "%.1f×", (double) raw / form.bytes()),
        String.format(Locale.ROOT, "%.2f%%", 100 * form.validationAccuracy()));
  }

  private long different(Model one, Model other) {
    return Models.differentPredictions(
        one, other, ImageBatches.inOrder(data.test(), EVALUATION_BATCH));
  }
}
