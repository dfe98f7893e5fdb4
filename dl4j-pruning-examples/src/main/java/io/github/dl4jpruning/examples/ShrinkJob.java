package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.IterativePruningListener;
import io.github.dl4jpruning.PruningRound;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.StructuredPruner;
import io.github.dl4jpruning.StructuredPruningResult;
import io.github.dl4jpruning.charts.WidthsChart;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.report.Latency;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import io.github.dl4jpruning.examples.train.TrainingHistory;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.shrink.ShrinkReport.Width;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Makes a network smaller, and compares.
 *
 * @param basic what to train, and on what
 * @param data the digits; the test images are looked at in the end, once for each network
 * @param denseEpochs epochs where a network is trained first
 * @param pruner takes channels out; empty to take out what is dead alone
 * @param shrinker takes out what is dead
 * @param seed for weights and batches
 * @param folder where files go
 * @param out where everything that is shown goes
 */
record ShrinkJob(
    MnistOptions basic,
    ImageData data,
    int denseEpochs,
    Optional<StructuredPruner.Builder> pruner,
    NetworkShrinker shrinker,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  static final String BEFORE = "before.zip";
  static final String AFTER = "after.zip";
  static final String REPORT = "report.json";
  static final String CHART = "chart.png";

  private static final int[] BATCHES = {1, 64};
  private static final int EVALUATION_BATCH = 250;

  /** What is told of a network. */
  private record Side(
      MultiLayerNetwork network, OptionalLong macs, Path file, long bytes, double accuracy) {}

  void run(Path model) throws IOException, TrainingFailedException {
    MultiLayerNetwork before = model == null ? train() : load(model);
    MultiLayerNetwork pruned = before;
    if (pruner.isPresent()) {
      StructuredPruningResult<MultiLayerNetwork> result = prune(before);
      out.println();
      out.println(result);
      pruned = result.network();
    }
    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk = shrinker.apply(pruned);
    if (pruner.isEmpty()) {
      out.println(shrunk.report());
    }
    show(before, shrunk.network());
  }

  private StructuredPruningResult<MultiLayerNetwork> prune(MultiLayerNetwork before)
      throws TrainingFailedException {
    StructuredPruner built = pruner.orElseThrow().addListener(new Lines(out)).build();
    try {
      return built.prune(before, ImageBatches.shuffled(data.train(), basic.batchSize(), seed));
    } catch (IllegalArgumentException e) { // a target that cannot be met
      throw new TrainingFailedException(e.getMessage(), e);
    }
  }

  private MultiLayerNetwork train() throws IOException, TrainingFailedException {
    MultiLayerNetwork network = basic.build(data, seed, new Adam(basic.learningRate()));
    new Trainer(data, Augmentation.NONE, basic.batchSize(), seed, out)
        .train("dense", network, null, denseEpochs, new TrainingHistory(), null);
    network.setListeners();
    return network;
  }

  private MultiLayerNetwork load(Path model) throws IOException {
    if (!Files.isRegularFile(model)) {
      throw new IOException(model + ": expected a model that DL4J has saved, but found no file");
    }
    MultiLayerNetwork network;
    try {
      network = ModelSerializer.restoreMultiLayerNetwork(model.toFile(), true);
    } catch (IOException | RuntimeException e) { // whatever DL4J says to what is no model
      throw new IOException(
          model + ": expected a MultiLayerNetwork that DL4J has saved, but " + e.getMessage(), e);
    }
    try {
      network.output(firstImages(1));
    } catch (RuntimeException e) { // whatever a layer says to an input that does not fit
      throw new IOException(
          model + ": expected a network for these images, but it fails: " + e.getMessage(), e);
    }
    return network;
  }

  private INDArray firstImages(int count) {
    return ImageBatches.inOrder(data.validation(), count).next().getFeatures();
  }

  private Side side(String name, MultiLayerNetwork network) throws IOException {
    Path file = folder.write(name, to -> ModelSerializer.writeModel(network, to, false));
    return new Side(
        network,
        SparsityReport.of(network).macs(),
        file,
        Files.size(file),
        Trainer.accuracy(network, data.test()));
  }

  private void show(MultiLayerNetwork before, MultiLayerNetwork after) throws IOException {
    Side first = side(BEFORE, before);
    Side second = side(AFTER, after);
    TextTable table = new TextTable("", "before", "after", "ratio");
    row(table, "parameters", before.numParams(), after.numParams());
    if (first.macs().isPresent() && second.macs().isPresent()) {
      row(table, "MACs", first.macs().getAsLong(), second.macs().getAsLong());
    }
    row(table, "model zip (bytes)", first.bytes(), second.bytes());
    ObjectNode json = new ObjectMapper().createObjectNode();
    for (int batch : BATCHES) {
      Latency.Pair latency = Latency.measure(before, after, firstImages(batch));
      table.row(
          "output(), batch " + batch,
          latency.before().toString(),
          latency.after().toString(),
          String.format(Locale.ROOT, "%.2f×", latency.speedup()));
      json.putObject("latencyMillis" + batch)
          .put("before", latency.before().median())
          .put("after", latency.after().median());
    }
    table.row("test accuracy", percent(first.accuracy()), percent(second.accuracy()), "");
    out.println(table);
    long different = differentPredictions(before, after);
    out.printf(
        Locale.ROOT,
        "%,d of %,d test images are classified otherwise%n%n",
        different,
        data.test().size());
    json.putObject("parameters").put("before", before.numParams()).put("after", after.numParams());
    json.putObject("macs")
        .put("before", first.macs().isPresent() ? (Long) first.macs().getAsLong() : null)
        .put("after", second.macs().isPresent() ? (Long) second.macs().getAsLong() : null);
    json.putObject("modelBytes").put("before", first.bytes()).put("after", second.bytes());
    json.putObject("testAccuracy").put("before", first.accuracy()).put("after", second.accuracy());
    json.put("differentPredictions", different);
    Path report =
        folder.write(
            REPORT,
            file -> file.write((json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8)));
    List<Width> widths = widths(before);
    List<Width> left = widths(after);
    Path chart =
        folder.write(
            CHART,
            file ->
                WidthsChart.write(
                    "Widths before and after",
                    widths.stream().map(Width::layer).toList(),
                    widths.stream().map(Width::before).toList(),
                    left.stream().map(Width::before).toList(),
                    file));
    out.printf("models   %s, %s%n", first.file(), second.file());
    out.printf("report   %s%n", report);
    out.printf("chart    %s%n", chart);
  }

  private static List<Width> widths(MultiLayerNetwork network) {
    return NetworkShrinker.builder().build().apply(network).report().layers();
  }

  private static void row(TextTable table, String name, long before, long after) {
    table.row(
        name,
        String.format(Locale.ROOT, "%,d", before),
        String.format(Locale.ROOT, "%,d", after),
        String.format(Locale.ROOT, "%.2f×", (double) before / after));
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * fraction);
  }

  private long differentPredictions(MultiLayerNetwork before, MultiLayerNetwork after) {
    DataSetIterator batches = ImageBatches.inOrder(data.test(), EVALUATION_BATCH);
    long different = 0;
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      int[] one = before.predict(batch.getFeatures());
      int[] other = after.predict(batch.getFeatures());
      for (int i = 0; i < one.length; i++) {
        different += one[i] == other[i] ? 0 : 1;
      }
    }
    return different;
  }

  /** A line for each epoch. */
  private record Lines(PrintWriter out) implements IterativePruningListener {
    @Override
    public void onEpoch(EpochDone event) {
      out.printf(
          Locale.ROOT,
          "round %d  epoch %d/%d  %.1f%% left  validation %.2f%%  about %d:%02d to go%n",
          event.round(),
          event.epoch(),
          event.epochs(),
          100 * (1.0 - event.sparsity()),
          100 * event.score(),
          event.remaining().toMinutes(),
          event.remaining().toSecondsPart());
    }

    @Override
    public void onRound(PruningRound round) {
      out.printf("round %d %s%n", round.number(), round.accepted() ? "accepted" : "taken back");
    }
  }
}
