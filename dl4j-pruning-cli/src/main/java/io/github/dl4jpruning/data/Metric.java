package io.github.dl4jpruning.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.evaluation.classification.ROCMultiClass;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** How good predictions are. */
public enum Metric {
  /** The fraction of samples whose class is right. */
  ACCURACY(true),
  /**
   * 2·precision·recall / (precision + recall): of the second class if there are two, otherwise the
   * mean over the classes.
   */
  F1(true),
  /** The area under the ROC curve; for several classes the mean of one against all others. */
  AUC(true),
  /** The mean squared error. */
  MSE(false),
  /** The mean absolute error. */
  MAE(false),
  /** The fraction of the variance that is explained, R². */
  R2(true);

  private final boolean higherIsBetter;

  Metric(boolean higherIsBetter) {
    this.higherIsBetter = higherIsBetter;
  }

  /**
   * Returns whether a higher value is better.
   *
   * @return false for errors
   */
  public boolean isHigherBetter() {
    return higherIsBetter;
  }

  /**
   * Computes the metric. With several outputs, metrics of numbers are means over the outputs.
   *
   * @param labels samples × outputs; one-hot for classes, or one column of 0 and 1
   * @param predictions samples × outputs
   * @return the value
   * @throws IllegalArgumentException if the shapes differ
   */
  public double of(INDArray labels, INDArray predictions) {
    if (!labels.equalShapes(predictions)) {
      throw new IllegalArgumentException(
          "expected predictions of the shape "
              + Arrays.toString(labels.shape())
              + ", but found "
              + Arrays.toString(predictions.shape()));
    }
    IEvaluation<?> evaluation = evaluation(labels.size(1));
    evaluation.eval(labels, predictions);
    return value(evaluation);
  }

  /**
   * Computes metrics batch by batch.
   *
   * @param predict gives predictions of the shape of the labels
   * @param data the data; masked steps of sequences do not count
   * @param steps the order of axes if there is an output for each step of a sequence
   * @param metrics the metrics
   * @return the values, in the order of the metrics
   */
  public static Map<Metric, Double> of(
      Function<DataSet, INDArray> predict,
      DataSetIterator data,
      Optional<RNNFormat> steps,
      List<Metric> metrics) {
    List<IEvaluation<?>> gathered = new ArrayList<>();
    data.reset();
    while (data.hasNext()) {
      DataSet batch = data.next();
      INDArray labels = channelsFirst(batch.getLabels(), steps);
      INDArray predictions = channelsFirst(predict.apply(batch), steps);
      if (gathered.isEmpty()) {
        metrics.forEach(metric -> gathered.add(metric.evaluation(labels.size(1))));
      }
      for (IEvaluation<?> each : gathered) {
        each.eval(labels, predictions, batch.getLabelsMaskArray());
      }
    }
    Map<Metric, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < metrics.size(); i++) {
      values.put(metrics.get(i), metrics.get(i).value(gathered.get(i)));
    }
    return values;
  }

  private static INDArray channelsFirst(INDArray values, Optional<RNNFormat> steps) {
    return steps.equals(Optional.of(RNNFormat.NWC)) ? values.permute(0, 2, 1) : values;
  }

  /** Returns what gathers predictions for this metric. */
  private IEvaluation<?> evaluation(long outputs) {
    return switch (this) {
      case ACCURACY, F1 -> new Evaluation();
      case AUC -> outputs <= 2 ? new ROC() : new ROCMultiClass();
      case MSE, MAE, R2 -> new RegressionEvaluation(outputs);
    };
  }

  private double value(IEvaluation<?> gathered) {
    if (gathered instanceof Evaluation evaluation) {
      return this == F1 ? evaluation.f1() : evaluation.accuracy();
    } else if (gathered instanceof ROC curve) {
      return curve.calculateAUC();
    } else if (gathered instanceof ROCMultiClass curves) {
      return curves.calculateAverageAUC();
    }
    RegressionEvaluation errors = (RegressionEvaluation) gathered;
    return switch (this) {
      case MSE -> errors.averageMeanSquaredError();
      case MAE -> errors.averageMeanAbsoluteError();
      default -> errors.averageRSquared();
    };
  }

  /**
   * Refuses a metric that does not fit some data.
   *
   * @param samples the data
   * @throws IllegalArgumentException if it is one of classes, and the data has numbers
   */
  public void check(Samples samples) {
    boolean ofClasses = this == ACCURACY || this == F1 || this == AUC;
    if (ofClasses && samples.classes().isEmpty()) {
      throw new IllegalArgumentException(
          "expected mse, mae or r2 for data with numbers to predict, but found " + this);
    }
  }

  /**
   * Writes a value as people read it.
   *
   * @param value a value of this metric
   * @return a percentage for the accuracy, a number otherwise
   */
  public String format(double value) {
    return this == ACCURACY
        ? String.format(Locale.ROOT, "%.2f%%", 100 * value)
        : String.format(Locale.ROOT, "%.4f", value);
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
