package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.data.Metric;
import org.deeplearning4j.nn.api.Model;

/**
 * Data, and the metric by which networks are scored on it.
 *
 * @param data the data
 * @param metric the metric
 */
public record ScoredData(PruneData data, Metric metric) {

  /** Returns the score on the validation samples. */
  double validation(Model network) {
    return data.validation(metric).calculateScore(network);
  }

  /** Returns whether a score is better than another one. */
  boolean isBetter(double score, double than) {
    return metric.isHigherBetter() ? score > than : score < than;
  }

  /** Writes the score on the test samples. */
  String test(Model network) {
    return metric.format(data.test(network, metric).value());
  }
}
