package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.charts.WidthsChart;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.examples.network.Models;
import io.github.dl4jpruning.examples.report.Latency;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.io.WholeFile;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.shrink.ShrinkReport.Width;
import io.github.dl4jpruning.structured.StructuredPruner;
import io.github.dl4jpruning.structured.StructuredPruningResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Makes a network smaller, and compares it with the original.
 *
 * @param basic the model, or the network to train, and its images
 * @param data the images; the test images are used at the end, once for each network
 * @param pruner removes channels; empty to remove only dead units
 * @param shrinker removes dead units
 * @param seed the seed for weights and batches
 * @param folder the folder for results
 * @param out where the job prints
 */
record ShrinkJob(
    ModelOptions basic,
    ImageData data,
    Optional<StructuredPruner.Builder> pruner,
    NetworkShrinker shrinker,
    long seed,
    OutputFolder folder,
    PrintWriter out) {

  static final String BEFORE = "before.zip";
  static final String AFTER = "after.zip";
  static final String REPORT = "report.json";
  static final String CHART = "chart.png";

  private static final String ROUNDS = "rounds";
  private static final String DENSE = "dense";

  private static final int[] BATCHES = {1, 64};
  private static final int EVALUATION_BATCH = 250;

  /** The figures of a network that are reported. */
  private record Side(Model network, OptionalLong macs, Path file, long bytes, double accuracy) {}

  /** Options for measuring in the runtime. A network of flat digits knows what it reads. */
  static ExportOptions exportOptions(ImageFormat format) {
    ExportOptions options = ExportOptions.defaults();
    return format.channels() > 1 ? options.withInputTypes(inputType(format)) : options;
  }

  /** Returns the input type of a network that reads such images. */
  static InputType inputType(ImageFormat format) {
    return InputType.convolutional(format.side(), format.side(), format.channels());
  }

  void run(boolean resume) throws IOException, TrainingFailedException {
    Path rounds = folder.path().resolve(ROUNDS);
    // The model is loaded first: its file may lie in the folder that is cleared below.
    Model before =
        basic.model().isPresent() ? Models.load(basic.model().get(), firstImages(1)) : null;
    boolean writesRounds = before == null || pruner.isPresent();
    if (!resume && writesRounds) {
      refuseInside(rounds);
      IterativeJob.forget(rounds);
    }
    if (before == null) {
      before = trained(rounds);
    }
    Model pruned = before;
    if (pruner.isPresent()) {
      StructuredPruningResult<Model> result = prune(before, rounds);
      out.println();
      out.println(result);
      pruned = result.network();
    }
    NetworkShrinker.Shrunk<Model> shrunk = shrinker.apply(pruned);
    if (pruner.isEmpty()) {
      out.println(shrunk.report());
    }
    show(before, shrunk.network());
  }

  private StructuredPruningResult<Model> prune(Model before, Path rounds)
      throws IOException, TrainingFailedException {
    StructuredPruner built =
        pruner
            .orElseThrow()
            .directory(rounds)
            .runName(basic.runName(data, seed))
            .addListener(new Lines(out))
            .build();
    try (Interruption hint =
        Interruption.say(
            "interrupted; the rounds so far are in "
                + rounds
                + "; the same command with --resume continues")) {
      return built.prune(
          before,
          ImageBatches.shuffled(data.train(), basic.batchSize(), basic.augmentation(), seed));
    } catch (IllegalArgumentException e) { // a target that cannot be met
      throw new TrainingFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void refuseInside(Path rounds) throws IOException {
    Path parent = basic.model().map(model -> model.toAbsolutePath().getParent()).orElse(null);
    if (parent != null && Files.isDirectory(rounds) && Files.isSameFile(rounds, parent)) {
      throw new IOException(
          basic.model().get()
              + ": expected a model outside of "
              + rounds
              + ", which this job clears; name another --output");
    }
  }

  /** Returns the dense network of an earlier run, or trains a new one. */
  private Model trained(Path rounds) throws IOException, TrainingFailedException {
    String settings =
        basic.network().title()
            + ", "
            + basic.denseEpochs()
            + " epochs, "
            + basic.runName(data, seed);
    Path model = rounds.resolve(DENSE + ".zip");
    Path tag = rounds.resolve(DENSE + ".json");
    if (Files.exists(tag)) {
      String found = settingsIn(tag);
      if (!found.equals(settings)) {
        throw new IOException(
            model + ": expected (" + settings + "), but found (" + found + "); leave out --resume");
      }
      return Models.load(model, firstImages(1));
    }
    Model network = train();
    AtomicFile.write(model, to -> ModelSerializer.writeModel(network, to, true));
    byte[] text =
        new ObjectMapper()
            .createObjectNode()
            .put("settings", settings)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(tag, to -> to.write(text));
    return network;
  }

  private static String settingsIn(Path tag) throws IOException {
    try {
      return new ObjectMapper().readTree(WholeFile.read(tag)).path("settings").asText();
    } catch (JsonProcessingException e) {
      throw new IOException(
          tag + ": expected the settings of a training, but the file is damaged", e);
    }
  }

  private Model train() throws IOException, TrainingFailedException {
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

  private OptionalLong macs(Model network) {
    return data.format().channels() > 1
        ? SparsityReport.of(network, inputType(data.format())).macs()
        : SparsityReport.of(network).macs();
  }

  private Side side(String name, Model network) throws IOException {
    Path file = folder.write(name, to -> ModelSerializer.writeModel(network, to, false));
    return new Side(
        network, macs(network), file, Files.size(file), Trainer.accuracy(network, data.test()));
  }

  private void show(Model before, Model after) throws IOException {
    Side first = side(BEFORE, before);
    Side second = side(AFTER, after);
    ObjectNode json = new ObjectMapper().createObjectNode();
    out.println(table(first, second, json));
    long different =
        Models.differentPredictions(
            before, after, ImageBatches.inOrder(data.test(), EVALUATION_BATCH));
    out.printf(
        Locale.ROOT,
        "%,d of %,d test images are classified differently\n\n",
        different,
        data.test().size());
    Optional<String> advice =
        pruner.isPresent()
            ? Optional.empty()
            : ShrinkAdvice.of(before, after, basic, data.format().channels() > 1);
    advice.ifPresent(out::println);
    putInto(json, first, second);
    json.put("differentPredictions", different);
    Path report =
        folder.write(
            REPORT,
            file -> file.write((json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8)));
    Path chart = draw(before, after);
    out.printf(Locale.ROOT, "models   %s, %s\n", first.file(), second.file());
    out.printf(Locale.ROOT, "report   %s\n", report);
    out.printf(Locale.ROOT, "chart    %s\n", chart);
  }

  /** Returns the table, and adds the measured times to the report. */
  private TextTable table(Side first, Side second, ObjectNode json) {
    TextTable table = new TextTable("", "before", "after", "ratio");
    row(table, "parameters", first.network().numParams(), second.network().numParams());
    if (first.macs().isPresent() && second.macs().isPresent()) {
      row(table, "MACs", first.macs().getAsLong(), second.macs().getAsLong());
    }
    row(table, "model zip (bytes)", first.bytes(), second.bytes());
    for (int batch : BATCHES) {
      Latency.Pair latency = Latency.measure(first.network(), second.network(), firstImages(batch));
      Speedup speedup = latency.speedup();
      table.row(
          "output(), batch " + batch,
          latency.before().toString(),
          latency.after().toString(),
          speedup.toString());
      json.putObject("latencyMillis" + batch)
          .put("before", latency.before().median())
          .put("after", latency.after().median())
          .put("ratio", speedup.ratio())
          .put("ratioLowerQuartile", speedup.lower())
          .put("ratioUpperQuartile", speedup.upper())
          .put("differenceMeasured", speedup.isDifference());
    }
    table.row("test accuracy", percent(first.accuracy()), percent(second.accuracy()), "");
    return table;
  }

  private static void putInto(ObjectNode json, Side first, Side second) {
    json.putObject("parameters")
        .put("before", first.network().numParams())
        .put("after", second.network().numParams());
    json.putObject("macs")
        .put("before", first.macs().isPresent() ? (Long) first.macs().getAsLong() : null)
        .put("after", second.macs().isPresent() ? (Long) second.macs().getAsLong() : null);
    json.putObject("modelBytes").put("before", first.bytes()).put("after", second.bytes());
    json.putObject("testAccuracy").put("before", first.accuracy()).put("after", second.accuracy());
  }

  private Path draw(Model before, Model after) throws IOException {
    List<Width> widths = widths(before);
    List<Integer> had = widths.stream().map(Width::before).toList();
    List<Integer> left = widths(after).stream().map(Width::before).toList();
    return folder.write(
        CHART,
        file ->
            WidthsChart.write(
                had.equals(left)
                    ? "Widths before and after: no channel could be removed"
                    : "Widths before and after",
                widths.stream().map(Width::layer).toList(),
                had,
                left,
                file));
  }

  private static List<Width> widths(Model network) {
    return NetworkShrinker.builder().build().apply(network).report().layers();
  }

  private static void row(TextTable table, String name, long before, long after) {
    table.row(
        name,
        String.format(Locale.ROOT, "%,d", before),
        String.format(Locale.ROOT, "%,d", after),
        before == after
            ? "the same"
            : String.format(Locale.ROOT, "%.2f×", (double) before / after));
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * fraction);
  }

  /** Prints a line for each epoch. */
  private record Lines(PrintWriter out) implements IterativePruningListener {
    @Override
    public void onEpoch(EpochDone event) {
      out.printf(
          Locale.ROOT,
          "round %d  epoch %d/%d  %.1f%% left  validation %.2f%%  about %d:%02d to go\n",
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
      out.printf(
          Locale.ROOT,
          "round %d %s\n",
          round.number(),
          round.accepted() ? "accepted" : "taken back");
    }
  }
}
