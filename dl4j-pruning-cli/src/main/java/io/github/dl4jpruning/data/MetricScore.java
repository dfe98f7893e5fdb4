package io.github.dl4jpruning.data;

import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import java.util.List;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A metric on some data as the score of a network.
 *
 * @param metric the metric
 * @param data the data, usually for validation
 * @param form the form of the network
 */
@SuppressWarnings("serial") // serializable through an interface of DL4J, never serialised here
public record MetricScore(Metric metric, DataSetIterator data, NetworkForm form)
    implements ScoreCalculator<Model> {

  @Override
  public double calculateScore(Model network) {
    return Metric.of(Predictor.of(network, form)::predict, data, form.steps(), List.of(metric))
        .values()
        .iterator()
        .next();
  }

  @Override
  public boolean minimizeScore() {
    return !metric.isHigherBetter();
  }
}
