package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.MetricScore;
import io.github.dl4jpruning.data.Normalization;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.data.SampleSplit;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.models.FileKind;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.pipeline.PruneData;
import io.github.dl4jpruning.pipeline.ScoredData;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * A model and its data, opened, checked, divided and normalised.
 *
 * @param model the model
 * @param data the data
 * @param metric the score
 */
record Workbench(ModelFile model, PruneData data, Metric metric) {

  /** By how much another normaliser must be better than the usual one. */
  private static final double CLEARLY = 0.01;

  /** Samples that show which normaliser fits. */
  private static final int TRIED = 500;

  /**
   * Opens a model and its data.
   *
   * @param cache a folder for decoded images that do not fit into memory
   */
  static Workbench open(
      ModelFile model,
      DataArguments arguments,
      SplitArguments parts,
      BatchArguments batches,
      Path cache,
      PrintWriter out)
      throws IOException {
    NetworkForm form = NetworkForm.of(model.network(), arguments.shape());
    LabelledData opened =
        LabelledData.open(
            arguments.given(),
            form,
            arguments.options(model.kind()).withCache(cache).withNotes(out::println));
    NetworkForm whole = opened.imagesOf(form);
    opened.check(Predictor.of(model.network(), whole));
    Metric metric = parts.metric(opened);
    if (model.kind() == FileKind.KERAS && opened.isColour()) {
      out.println("note: the model reads red first; evaluate its results with --colours rgb");
    }
    SampleSplit split = parts.split(opened, batches.seed());
    out.println(opened.title(split));
    Normalizers normalizers = new Normalizers(opened, split, batches, out);
    Optional<DataNormalization> normalizer =
        parts.normalization().isPresent()
            ? normalizers.fit(parts.normalization().get())
            : model.normalizer().isPresent()
                ? model.normalizer()
                : normalizers.best(model.network(), whole);
    return new Workbench(
        model,
        new PruneData(opened, split, whole, normalizer, batches.batchSize(), batches.seed()),
        metric);
  }

  /** Returns the form of a model that may have several inputs, or leave its input open. */
  static Optional<NetworkForm> form(ModelFile model, DataArguments arguments) {
    try {
      return Optional.of(NetworkForm.of(model.network(), arguments.shape()));
    } catch (IllegalArgumentException e) {
      if (arguments.shape().isPresent()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Prints what was changed in the model, before anything else. */
  static void showNotes(ModelFile model, PrintWriter out) {
    model.notes().forEach(note -> out.println("note: " + note));
  }

  /** Finds out how the inputs of a model are normalised. */
  private record Normalizers(
      LabelledData data, SampleSplit split, BatchArguments batches, PrintWriter out) {

    Optional<DataNormalization> fit(Normalization how) {
      return how.fit(
          data.samples(),
          SampleBatches.inOrder(data.samples(), split.training(), batches.batchSize()));
    }

    /**
     * A model without a normaliser may want raw data, or data that somebody else normalised. The
     * usual way is taken unless another one is clearly better: a network of ReLU layers without
     * biases gives the same classes for pixels of any scale.
     */
    Optional<DataNormalization> best(Model network, NetworkForm form) {
      List<Normalization> candidates = Normalization.candidates(data.samples());
      boolean untrained = batches.denseEpochs() > 0; // its scores say nothing
      Normalization best =
          untrained ? Normalization.toTrainWith(data.samples()) : candidates.get(0);
      if (!untrained && candidates.size() > 1) {
        Metric metric = SplitArguments.usual(data);
        int[] some = SampleSplit.evenly(split.validation(), TRIED);
        TextTable table = new TextTable("inputs", "validation " + metric);
        double least = Double.NEGATIVE_INFINITY;
        for (Normalization how : candidates) {
          SampleBatches tried =
              SampleBatches.inOrder(data.samples(), some, batches.batchSize()).through(fit(how));
          double score = new MetricScore(metric, tried, form).calculateScore(network);
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
      return fit(best);
    }
  }

  /** Returns the data with the metric. */
  ScoredData scored() {
    return new ScoredData(data, metric);
  }

  /** Returns the number of batches in an epoch. */
  int batches() {
    return data.training().count();
  }

  /** Returns everything about model, data and training that decides the outcome. */
  String identity(
      ModelArguments ofModel, DataArguments ofData, SplitArguments parts, BatchArguments batches) {
    return String.join(
        "; ",
        "model " + Long.toHexString(NetworkStore.parameterChecksum(model.network())),
        NetworkStore.fingerprint(model.network()),
        ofModel.identity(),
        ofData.identity(),
        parts.identity(),
        batches.identity(),
        "data " + data.data().key());
  }

  /** Reads another model that teaches. */
  Model teacher(Path file, DataArguments arguments) throws IOException {
    ModelFile other = ModelFile.load(file);
    NetworkForm form = NetworkForm.of(other.network(), arguments.shape());
    if (form.outputs() != data.form().outputs() || !form.steps().equals(data.form().steps())) {
      throw new IllegalArgumentException(
          "--teacher: expected a model with "
              + data.form().outputs()
              + " outputs, but found "
              + form.outputs());
    }
    data.data().check(Predictor.of(other.network(), form));
    if (other.normalizer().isPresent() && !other.normalizer().equals(data.normalizer())) {
      throw new IllegalArgumentException(
          "--teacher: expected a model that reads the data as the pruned model does, but it has a"
              + " normaliser of its own");
    }
    return other.network();
  }
}
