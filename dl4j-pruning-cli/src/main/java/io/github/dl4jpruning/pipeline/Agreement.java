package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.models.Predictor;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * How far the predictions of two networks agree.
 *
 * @param predictions the number of predictions: samples, or steps of sequences
 * @param differentClasses predictions of another class; 0 if numbers are predicted
 * @param largestDifference the largest difference of an output
 * @param classes whether classes are predicted
 */
record Agreement(
    long predictions, long differentClasses, double largestDifference, boolean classes) {

  private static final double HALF = 0.5;

  /** Compares two networks of the same form. */
  static Agreement of(Model one, Model other, NetworkForm form, SampleBatches batches) {
    Predictor first = Predictor.of(one, form);
    Predictor second = Predictor.of(other, form);
    boolean classes = !batches.getLabels().isEmpty();
    long predictions = 0;
    long different = 0;
    double largest = 0;
    batches.reset();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      INDArray a = first.predict(batch);
      INDArray b = second.predict(batch);
      int axis = form.steps().equals(Optional.of(RNNFormat.NWC)) ? 2 : 1;
      double[] counts = compared(a, b, axis, batch.getLabelsMaskArray());
      predictions += (long) counts[0];
      different += classes ? (long) counts[1] : 0;
      largest = Math.max(largest, counts[2]);
    }
    return new Agreement(predictions, different, largest, classes);
  }

  /** Returns the number of predictions, those of another class, and the largest difference. */
  private static double[] compared(INDArray a, INDArray b, int axis, @Nullable INDArray mask) {
    INDArray differs =
        a.size(axis) == 1
            ? a.gt(HALF).neq(b.gt(HALF)).castTo(a.dataType()).max(axis)
            : a.argMax(axis).neq(b.argMax(axis)).castTo(a.dataType());
    double[] other = values(differs);
    double[] largest = values(Transforms.abs(a.sub(b)).max(axis));
    double[] counts = mask == null ? null : values(mask);
    double[] sums = new double[3];
    for (int i = 0; i < other.length; i++) {
      if (counts == null || counts[i] != 0) {
        sums[0]++;
        sums[1] += other[i];
        sums[2] = Math.max(sums[2], largest[i]);
      }
    }
    return sums;
  }

  private static double[] values(INDArray array) {
    return array.ravel().dup().data().asDouble();
  }

  @Override
  public String toString() {
    return classes
        ? String.format(
            Locale.ROOT,
            "%,d of %,d test predictions are of another class",
            differentClasses,
            predictions)
        : String.format(
            Locale.ROOT,
            "the largest difference on %,d test predictions is %.3g",
            predictions,
            largestDifference);
  }
}
