package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The figures of a network before and after it became smaller.
 *
 * @param table the figures to read
 * @param agreement how far predictions agree; empty without data
 * @param json the same for programs
 */
@SuppressWarnings("ArrayRecordComponent") // only handed on
record ShrinkComparison(TextTable table, Optional<String> agreement, byte[] json) {

  private static final int[] BATCHES = {1, 64};

  /** Steps of a sequence whose length the network leaves open. */
  private static final int STEPS = 20;

  /**
   * A network and its file.
   *
   * @param network the network
   * @param file its zip
   */
  record Side(Model network, Path file) {}

  /** Measures both networks. */
  static ShrinkComparison of(
      Side before, Side after, Optional<NetworkForm> form, Optional<ScoredData> scored)
      throws IOException {
    ObjectNode json = new ObjectMapper().createObjectNode();
    TextTable table = new TextTable("", "before", "after", "ratio");
    row(
        table,
        json,
        "parameters",
        "parameters",
        before.network().numParams(),
        after.network().numParams());
    OptionalLong had = macs(before.network(), form);
    OptionalLong has = macs(after.network(), form);
    if (had.isPresent() && has.isPresent()) {
      row(table, json, "MACs", "macs", had.getAsLong(), has.getAsLong());
    }
    row(
        table,
        json,
        "model zip (bytes)",
        "modelBytes",
        Files.size(before.file()),
        Files.size(after.file()));
    form.filter(known -> isComplete(known.input()))
        .ifPresent(known -> addTimes(before.network(), after.network(), known, table, json));
    Optional<String> agreement = Optional.empty();
    if (scored.isPresent()) {
      ScoredData data = scored.get();
      double score = data.data().test(before.network(), data.metric()).value();
      double now = data.data().test(after.network(), data.metric()).value();
      table.row(
          "test " + data.metric(), data.metric().format(score), data.metric().format(now), "");
      json.put("metric", data.metric().toString());
      json.putObject("test").put("before", score).put("after", now);
      Agreement found =
          Agreement.of(before.network(), after.network(), data.data().form(), data.data().test());
      json.put("differentPredictions", found.differentClasses());
      json.put("largestDifference", found.largestDifference());
      agreement = Optional.of(found.toString());
    }
    byte[] text = (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    return new ShrinkComparison(table, agreement, text);
  }

  private static OptionalLong macs(Model network, Optional<NetworkForm> form) {
    return form.map(NetworkForm::input)
        .filter(ShrinkComparison::isComplete)
        .map(input -> SparsityReport.of(network, input))
        .orElseGet(() -> SparsityReport.of(network))
        .macs();
  }

  /** Convolutions may leave the size of images open. */
  private static boolean isComplete(InputType input) {
    return !(input instanceof InputTypeConvolutional images) || images.getHeight() > 0;
  }

  private static void addTimes(
      Model before, Model after, NetworkForm form, TextTable table, ObjectNode json) {
    checkTakes(before, form);
    Predictor first = Predictor.of(before, form);
    Predictor second = Predictor.of(after, form);
    for (int batch : BATCHES) {
      DataSet input = new DataSet(random(form.input(), batch), null);
      OutputLatency.Pair latency =
          OutputLatency.measure(() -> first.predict(input), () -> second.predict(input));
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
  }

  private static void checkTakes(Model network, NetworkForm form) {
    INDArray one = random(form.input(), 1);
    try {
      Predictor.of(network, form).predict(new DataSet(one, null));
    } catch (RuntimeException e) { // layers throw various exceptions
      throw new IllegalArgumentException(
          "--input: expected a shape that the model takes, but it refuses "
              + Arrays.toString(one.shape())
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static INDArray random(InputType type, int batch) {
    long[] shape = type.getShape(true).clone();
    shape[0] = batch;
    if (type instanceof InputTypeRecurrent steps && steps.getTimeSeriesLength() <= 0) {
      for (int axis = 1; axis < shape.length; axis++) {
        shape[axis] = shape[axis] <= 0 ? STEPS : shape[axis];
      }
    }
    return Nd4j.rand(shape);
  }

  private static void row(
      TextTable table, ObjectNode json, String name, String key, long before, long after) {
    table.row(
        name,
        String.format(Locale.ROOT, "%,d", before),
        String.format(Locale.ROOT, "%,d", after),
        before == after
            ? "the same"
            : String.format(Locale.ROOT, "%.2f×", (double) before / after));
    json.putObject(key).put("before", before).put("after", after);
  }
}
