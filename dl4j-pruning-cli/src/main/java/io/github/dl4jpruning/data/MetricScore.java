package io.github.dl4jpruning.data;

import io.github.dl4jpruning.models.Predictor;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A metric on some data as the score of a network.
 *
 * @param metric the metric
 * @param data the data, usually for validation
 * @param steps the order of axes if the network has an output for each step of a sequence
 */
@SuppressWarnings("serial") // serializable through an interface of DL4J, never serialised here
public record MetricScore(Metric metric, DataSetIterator data, Optional<RNNFormat> steps)
    implements ScoreCalculator<Model> {

  @Override
  public double calculateScore(Model network) {
    return Metric.of(Predictor.of(network)::predict, data, steps, List.of(metric))
        .values()
        .iterator()
        .next();
  }

  @Override
  public boolean minimizeScore() {
    return !metric.isHigherBetter();
  }
}
