package io.github.dl4jpruning.data;

import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.evaluation.classification.ROCMultiClass;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How good predictions are. */
public enum Metric {
  /** The fraction of samples whose class is right. */
  ACCURACY(true),
  /** The mean over the classes of 2·precision·recall / (precision + recall). */
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
              + java.util.Arrays.toString(labels.shape())
              + ", but found "
              + java.util.Arrays.toString(predictions.shape()));
    }
    return switch (this) {
      case ACCURACY -> classified(labels, predictions).accuracy();
      case F1 -> classified(labels, predictions).f1();
      case AUC -> areaUnderCurve(labels, predictions);
      case MSE -> regression(labels, predictions).averageMeanSquaredError();
      case MAE -> regression(labels, predictions).averageMeanAbsoluteError();
      case R2 -> regression(labels, predictions).averageRSquared();
    };
  }

  private static Evaluation classified(INDArray labels, INDArray predictions) {
    Evaluation evaluation = new Evaluation();
    evaluation.eval(labels, predictions);
    return evaluation;
  }

  private static double areaUnderCurve(INDArray labels, INDArray predictions) {
    if (labels.size(1) <= 2) {
      ROC curve = new ROC();
      curve.eval(labels, predictions);
      return curve.calculateAUC();
    }
    ROCMultiClass curves = new ROCMultiClass();
    curves.eval(labels, predictions);
    return curves.calculateAverageAUC();
  }

  private static RegressionEvaluation regression(INDArray labels, INDArray predictions) {
    RegressionEvaluation evaluation = new RegressionEvaluation(labels.size(1));
    evaluation.eval(labels, predictions);
    return evaluation;
  }
}
