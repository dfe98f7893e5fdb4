package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.charts.SizesChart;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.compact.RestoreOptions;
import io.github.dl4jpruning.compact.SharedWeights;
import io.github.dl4jpruning.compact.SizeReport;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.model.NetworkStore;
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
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Writes a compact file, and shows what each form of a compact file costs in bytes and in score.
 *
 * @param normalizer the normaliser of the model, written with it
 * @param scored the data; empty to compare sizes alone
 * @param sharing the shared weights; empty for a lossless file
 * @param folder the folder for results
 * @param out where the job prints
 */
public record CompressJob(
    Optional<DataNormalization> normalizer,
    Optional<ScoredData> scored,
    Optional<Sharing> sharing,
    OutputFolder folder,
    PrintWriter out) {

  /** The compact file. */
  public static final String MODEL = "model.compact";

  /** The figures. */
  public static final String REPORT = "report.json";

  /** The sizes of all forms. */
  public static final String CHART = "chart.png";

  /** The bits of shared weights in the size report if none are asked for. */
  private static final int USUAL_BITS = 5;

  private static final int MOST_BITS = 8;
  private static final int FEWEST_BITS = 2;

  /**
   * Weights that share a few values.
   *
   * @param bits the weights of a tensor share 2^bits values
   * @param epochs epochs in which the values are trained; needs data if above 0
   * @param learningRate their learning rate
   * @param seed the seed for random choices of training
   */
  public record Sharing(int bits, int epochs, double learningRate, long seed) {}

  /** A form with its size and its score, if there are data. */
  private record Form(String name, long bytes, OptionalDouble score) {}

  /**
   * Writes the file and the report.
   *
   * @param original the network; not changed
   * @throws IOException if a file cannot be written, or the file that was written does not give the
   *     network back
   * @throws TrainingFailedException if the training of shared values diverged
   */
  public void run(Model original) throws IOException, TrainingFailedException {
    SizeReport sizes = SizeReport.of(original, sharing.map(Sharing::bits).orElse(USUAL_BITS));
    out.println(sizes);
    List<Form> forms = forms(original, sizes);
    Model written = sharing.isPresent() ? shared(original, sharing.get()) : original;
    CompactOptions.Builder options = CompactOptions.builder();
    normalizer.ifPresent(options::normalizer);
    CompactOptions lossless = options.build();
    Path file = folder.write(MODEL, to -> CompactModelSerializer.write(written, to, lossless));
    Model read = CompactModelSerializer.restore(file).network();
    if (!read.params().equals(written.params())) {
      throw new IOException(file + ": expected the model that was written, but found another one");
    }
    show(original, read, sizes, forms, file);
  }

  private OptionalDouble score(Model network) {
    return scored.isPresent()
        ? OptionalDouble.of(scored.get().validation(network))
        : OptionalDouble.empty();
  }

  /** Returns the forms, each read back and scored on the validation samples. */
  private List<Form> forms(Model original, SizeReport sizes) throws IOException {
    List<Form> forms = new ArrayList<>();
    OptionalDouble score = score(original);
    forms.add(new Form("raw floats", sizes.raw(), score));
    forms.add(new Form("DL4J's zip", sizes.zip(), score));
    forms.add(form("compact, lossless", original, CompactOptions.lossless()));
    forms.add(form("half precision", original, CompactOptions.halfPrecision()));
    for (int b : IntStream.iterate(MOST_BITS, b -> b >= FEWEST_BITS, b -> b - 1).toArray()) {
      forms.add(form(b + " bits shared", original, CompactOptions.sharedWeights(b)));
    }
    return forms;
  }

  private Form form(String name, Model original, CompactOptions options) throws IOException {
    byte[] bytes = compact(original, options);
    return new Form(name, bytes.length, score(restored(bytes)));
  }

  private static byte[] compact(Model network, CompactOptions options) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CompactModelSerializer.write(network, bytes, options);
    return bytes.toByteArray();
  }

  private static Model restored(byte[] bytes) throws IOException {
    return CompactModelSerializer.restore(
            new ByteArrayInputStream(bytes), RestoreOptions.defaults())
        .network();
  }

  /** Returns a copy with shared weights: the best of all epochs, the initial state included. */
  private Model shared(Model original, Sharing how) throws IOException, TrainingFailedException {
    Model network = restored(compact(original, CompactOptions.lossless()));
    SharedWeights shared = SharedWeights.share(network, how.bits());
    if (how.epochs() > 0) {
      NetworkStore.setLearningRate(network, how.learningRate());
      Nd4j.getRandom().setSeed(how.seed());
      train(network, how, scored.orElseThrow());
    }
    shared.detach();
    return network;
  }

  private void train(Model network, Sharing how, ScoredData data) throws TrainingFailedException {
    INDArray best = network.params().dup();
    double bestScore = data.validation(network);
    SampleBatches batches = data.data().training();
    for (int epoch = 1; epoch <= how.epochs(); epoch++) {
      batches.reset();
      ((NeuralNetwork) network).fit(batches);
      if (!Double.isFinite(network.params().sumNumber().doubleValue())) {
        throw new TrainingFailedException(
            "expected finite shared values, but training diverged; a lower --fine-tune-rate may"
                + " help");
      }
      double score = data.validation(network);
      out.printf(
          Locale.ROOT,
          "shared values  epoch %d/%d  validation %s\n",
          epoch,
          how.epochs(),
          data.metric().format(score));
      out.flush();
      if (data.isBetter(score, bestScore)) {
        bestScore = score;
        best = network.params().dup();
      }
    }
    network.setParams(best);
  }

  private void show(Model original, Model read, SizeReport sizes, List<Form> forms, Path file)
      throws IOException {
    Form chosen = new Form("the file", Files.size(file), score(read));
    TextTable table =
        scored.isPresent()
            ? new TextTable(
                "form", "bytes", "smaller than raw", "validation " + scored.get().metric())
            : new TextTable("form", "bytes", "smaller than raw");
    forms.forEach(form -> row(table, form, sizes.raw()));
    table.rule();
    row(table, chosen, sizes.raw());
    out.println(table);
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(sizes.toJson());
    json.put("fileBytes", chosen.bytes()).put("fileIsLossless", sharing.isEmpty());
    scored.ifPresent(data -> compare(data, original, read, json));
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
    out.println("model    " + file);
    out.println("report   " + report);
    out.println("chart    " + chart);
    out.flush();
  }

  private void compare(ScoredData data, Model original, Model read, ObjectNode json) {
    double before = data.data().test(original, data.metric()).value();
    double after = data.data().test(read, data.metric()).value();
    Agreement agreement = Agreement.of(original, read, data.data().form(), data.data().test());
    out.printf(
        Locale.ROOT,
        "test %s %s, of the file %s; %s\n\n",
        data.metric(),
        data.metric().format(before),
        data.metric().format(after),
        agreement);
    json.put("metric", data.metric().toString());
    json.put("fileValidation", data.validation(read));
    json.putObject("test").put("before", before).put("after", after);
    json.put("differentPredictions", agreement.differentClasses());
    json.put("largestDifference", agreement.largestDifference());
  }

  private void row(TextTable table, Form form, long raw) {
    List<String> cells = new ArrayList<>();
    cells.add(form.name());
    cells.add(String.format(Locale.ROOT, "%,d", form.bytes()));
    cells.add(String.format(Locale.ROOT, "%.1f×", (double) raw / form.bytes()));
    scored.ifPresent(data -> cells.add(data.metric().format(form.score().orElseThrow())));
    table.row(cells.toArray(String[]::new));
  }
}
