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
import io.github.dl4jpruning.models.Optimizers;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.pipeline.PruneData;
import io.github.dl4jpruning.pipeline.PruneSettings;
import io.github.dl4jpruning.pipeline.Pruning;
import io.github.dl4jpruning.pipeline.PruningReport;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.learning.config.Adam;

/** A run of {@code prune}: opens model and data, and starts the steps. */
final class PruneRun {

  /** The files that are written in any case. */
  static final String[] FILES = {"pruned.zip", "pruned.compact", "report.html", "report.json"};

  private static final double USUAL_RATE = 0.001;

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
    opened.check(Predictor.of(model.network()));
    if (model.kind() == FileKind.KERAS && opened.isColour()) {
      out.println("note: the model reads red first; evaluate its results with --colours rgb");
    }
    SampleSplit split = opened.split(validation, test, training.seed());
    out.println(opened.title(split));
    NetworkForm whole = opened.imagesOf(form);
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

  /** A model without a normaliser may want raw data, or data that somebody else normalised. */
  private Optional<DataNormalization> bestNormalizer(
      LabelledData opened, SampleSplit split, NetworkForm form) {
    List<Normalization> candidates = Normalization.candidates(opened.samples());
    Normalization best = candidates.get(0);
    if (training.denseEpochs() > 0) {
      // The loss of an untrained network says nothing.
      best = candidates.get(Math.min(1, candidates.size() - 1));
    } else if (candidates.size() > 1) {
      int[] some = SampleSplit.evenly(split.validation(), TRIED);
      TextTable table = new TextTable("inputs", "validation loss", usualMetric(opened).toString());
      double least = Double.POSITIVE_INFINITY;
      for (Normalization how : candidates) {
        SampleBatches batches =
            SampleBatches.inOrder(opened.samples(), some, training.batchSize())
                .through(fit(how, opened, split));
        Metric metric = usualMetric(opened);
        double score =
            new MetricScore(metric, batches, form.steps()).calculateScore(model.network());
        double loss = loss(batches);
        table.row(how.toString(), String.format(Locale.ROOT, "%.4g", loss), metric.format(score));
        if (loss < least) {
          least = loss;
          best = how;
        }
      }
      out.println();
      out.println(table);
    }
    out.println("inputs are normalised by: " + best);
    return fit(best, opened, split);
  }

  /** The loss tells more than the accuracy, which is often the same with and without. */
  private double loss(SampleBatches batches) {
    return new DataSetLossCalculator(batches, true).calculateScore(model.network());
  }

  private static Metric usualMetric(LabelledData opened) {
    return opened.samples().classes().isEmpty() ? Metric.R2 : Metric.ACCURACY;
  }

  Metric usualMetric() {
    return usualMetric(data().data());
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
    return other.network();
  }

  void start(PruneSettings settings, String identity, String command, boolean resume)
      throws IOException, TrainingFailedException {
    Model network = model.network();
    if (training.isAdam(model.kind() == FileKind.KERAS)) {
      network = Optimizers.replace(network, new Adam(training.learningRate().orElse(USUAL_RATE)));
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
