package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.MetricScore;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.data.SampleSplit;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * Data of a run, divided and normalised.
 *
 * @param data the samples
 * @param split their parts
 * @param form what the network reads
 * @param normalizer what is applied to each batch
 * @param batchSize samples in a batch
 * @param seed the seed for the order
 */
public record PruneData(
    LabelledData data,
    SampleSplit split,
    NetworkForm form,
    Optional<DataNormalization> normalizer,
    int batchSize,
    long seed) {

  private static final int EVALUATED = 64;

  /** More samples would make a scan of all layers slow, and change little. */
  private static final int SCANNED = 2_000;

  private static final int PARTS = 10;
  private static final int LEAST = 100;

  /**
   * Returns the training samples in batches of a new order in each epoch.
   *
   * @return the batches, normalised
   */
  public SampleBatches training() {
    return SampleBatches.shuffled(data.samples(), split.training(), batchSize, seed)
        .through(normalizer);
  }

  /**
   * Returns a score on the validation samples.
   *
   * @param metric the metric
   * @return the score
   */
  public MetricScore validation(Metric metric) {
    return new MetricScore(metric, normalised(split.validation()), form);
  }

  /**
   * Returns the loss on the validation samples, a finer score than a metric of classes.
   *
   * @return the score; lower is better
   */
  public ScoreCalculator<Model> validationLoss() {
    return new DataSetLossCalculator(normalised(split.validation()), true);
  }

  /**
   * Returns a score on some of the validation samples, for a scan of all layers.
   *
   * @param metric the metric
   * @return the score
   */
  public MetricScore scanned(Metric metric) {
    int[] some = SampleSplit.evenly(split.validation(), SCANNED);
    return new MetricScore(metric, normalised(some), form);
  }

  /** Batches of the test as they come, for engines that normalise themselves. */
  SampleBatches rawTest() {
    return SampleBatches.inOrder(data.samples(), split.test(), EVALUATED);
  }

  /** Some training samples, at even intervals, as the network reads them. */
  SampleBatches calibration(int most) {
    return normalised(SampleSplit.evenly(split.training(), most));
  }

  /** Batches of the test as the network reads them. */
  SampleBatches test() {
    return normalised(split.test());
  }

  private SampleBatches normalised(int[] positions) {
    return SampleBatches.inOrder(data.samples(), positions, EVALUATED).through(normalizer);
  }

  /**
   * The value of a metric on the test samples.
   *
   * @param value the value
   * @param error its standard error, from ten parts of the test; NaN if there are few samples
   */
  public record Measured(double value, double error) {}

  /** Measures a network on the test samples. */
  Measured test(Model network, Metric metric) {
    int[] all = split.test();
    double whole = value(network, metric, all);
    if (all.length < LEAST) {
      return new Measured(whole, Double.NaN);
    }
    double[] parts =
        IntStream.range(0, PARTS)
            .mapToObj(
                part -> IntStream.range(0, all.length).filter(i -> i % PARTS == part).toArray())
            .mapToDouble(
                part -> value(network, metric, Arrays.stream(part).map(i -> all[i]).toArray()))
            .toArray();
    double mean = Arrays.stream(parts).average().orElse(0);
    double squares = Arrays.stream(parts).map(v -> (v - mean) * (v - mean)).sum();
    return new Measured(whole, Math.sqrt(squares / (PARTS - 1) / PARTS));
  }

  private double value(Model network, Metric metric, int[] positions) {
    return Metric.of(
            Predictor.of(network, form)::predict,
            normalised(positions),
            form.steps(),
            List.of(metric))
        .values()
        .iterator()
        .next();
  }
}
