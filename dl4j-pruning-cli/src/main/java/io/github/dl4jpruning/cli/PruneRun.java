package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.MetricScore;
import io.github.dl4jpruning.data.Normalization;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.data.SampleSplit;
import io.github.dl4jpruning.models.FileKind;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.models.TrainingSetup;
import io.github.dl4jpruning.pipeline.PruneData;
import io.github.dl4jpruning.pipeline.PruneSettings;
import io.github.dl4jpruning.pipeline.Pruning;
import io.github.dl4jpruning.pipeline.PruningReport;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.learning.config.Adam;

/** A run of {@code prune}: opens model and data, and starts the steps. */
final class PruneRun {

  /** The files that are written in any case. */
  static final String[] FILES = {
    "dense.zip",
    "pruned.zip",
    "pruned.compact",
    "report.html",
    "report.json",
    "model.dl4jrun",
    "model.onnx",
    "model.c",
    "model.h"
  };

  private static final double USUAL_RATE = 0.001;

  /** By how much another normaliser must be better than the usual one. */
  private static final double CLEARLY = 0.01;

  /** Samples that show which normaliser fits. */
  private static final int TRIED = 500;

  private final ModelFile model;
  private final DataArguments arguments;
  private final TrainingArguments training;
  private final PrintWriter out;
  private @Nullable PruneData data;
  private @Nullable OutputFolder folder;

  PruneRun(ModelFile model, DataArguments arguments, TrainingArguments training, PrintWriter out) {
    this.model = model;
    this.arguments = arguments;
    this.training = training;
    this.out = out;
  }

  private PruneData data() {
    return Objects.requireNonNull(data, "open must be called first");
  }

  /** Opens the data, and settles how it is normalised. */
  void open(OutputFolder to, double validation, double test, Optional<Normalization> normalization)
      throws IOException {
    folder = to;
    model.notes().forEach(note -> out.println("note: " + note));
    NetworkForm form = NetworkForm.of(model.network(), arguments.shape());
    LabelledData opened =
        LabelledData.open(
            arguments.given(),
            form,
            arguments
                .options(model.kind())
                .withCache(to.path().resolve("cache"))
                .withNotes(out::println));
    NetworkForm whole = opened.imagesOf(form);
    opened.check(Predictor.of(model.network(), whole));
    if (model.kind() == FileKind.KERAS && opened.isColour()) {
      out.println("note: the model reads red first; evaluate its results with --colours rgb");
    }
    SampleSplit split = opened.split(validation, test, training.seed());
    out.println(opened.title(split));
    Optional<DataNormalization> normalizer =
        normalization.isPresent()
            ? fit(normalization.get(), opened, split)
            : model.normalizer().isPresent()
                ? model.normalizer()
                : bestNormalizer(opened, split, whole);
    data = new PruneData(opened, split, whole, normalizer, training.batchSize(), training.seed());
  }

  private Optional<DataNormalization> fit(
      Normalization how, LabelledData opened, SampleSplit split) {
    return how.fit(
        opened.samples(),
        SampleBatches.inOrder(opened.samples(), split.training(), training.batchSize()));
  }

  /**
   * A model without a normaliser may want raw data, or data that somebody else normalised. The
   * usual way is taken unless another one is clearly better: a network of ReLU layers without
   * biases gives the same classes for pixels of any scale.
   */
  private Optional<DataNormalization> bestNormalizer(
      LabelledData opened, SampleSplit split, NetworkForm form) {
    List<Normalization> candidates = Normalization.candidates(opened.samples());
    boolean untrained = training.denseEpochs() > 0; // its scores say nothing
    Normalization best =
        untrained ? Normalization.toTrainWith(opened.samples()) : candidates.get(0);
    if (!untrained && candidates.size() > 1) {
      Metric metric = usualMetric(opened);
      int[] some = SampleSplit.evenly(split.validation(), TRIED);
      TextTable table = new TextTable("inputs", "validation " + metric);
      double least = Double.NEGATIVE_INFINITY;
      for (Normalization how : candidates) {
        SampleBatches batches =
            SampleBatches.inOrder(opened.samples(), some, training.batchSize())
                .through(fit(how, opened, split));
        double score = new MetricScore(metric, batches, form).calculateScore(model.network());
        table.row(how.toString(), metric.format(score));
        if (score > least) {
          best = how;
          least = score + CLEARLY;
        }
      }
      out.println();
      out.println(table);
    }
    out.println("inputs are normalised by: " + best);
    return fit(best, opened, split);
  }

  private static Metric usualMetric(LabelledData opened) {
    return opened.samples().classes().isEmpty() ? Metric.R2 : Metric.ACCURACY;
  }

  /** Returns the metric to use. */
  Metric metric(Optional<Metric> wanted) {
    wanted.ifPresent(metric -> metric.check(data().data().samples()));
    return wanted.orElseGet(() -> usualMetric(data().data()));
  }

  int batches() {
    return (data().split().training().length - 1) / training.batchSize() + 1;
  }

  Model teacher(Path file) throws IOException {
    ModelFile other = ModelFile.load(file);
    NetworkForm form = NetworkForm.of(other.network(), arguments.shape());
    if (form.outputs() != data().form().outputs() || !form.steps().equals(data().form().steps())) {
      throw new IllegalArgumentException(
          "--teacher: expected a model with "
              + data().form().outputs()
              + " outputs, but found "
              + form.outputs());
    }
    data().data().check(Predictor.of(other.network(), form));
    if (other.normalizer().isPresent() && !other.normalizer().equals(data().normalizer())) {
      throw new IllegalArgumentException(
          "--teacher: expected a model that reads the data as the pruned model does, but it has a"
              + " normaliser of its own");
    }
    return other.network();
  }

  void start(PruneSettings settings, String identity, String command, boolean resume)
      throws IOException, TrainingFailedException {
    Model network = TrainingSetup.withOneHotLabels(model.network());
    if (training.isAdam(model.kind() == FileKind.KERAS)) {
      network =
          TrainingSetup.withUpdater(network, new Adam(training.learningRate().orElse(USUAL_RATE)));
    }
    OutputFolder to = Objects.requireNonNull(folder);
    Pruning pruning =
        new Pruning(settings, data(), to, identity + "; data " + data().data().key(), out);
    PruningReport report = pruning.run(network, model.path(), command, resume);
    out.println(report);
    report.files().forEach((what, path) -> out.println(String.format("%-16s %s", what, path)));
    out.flush();
  }
}
