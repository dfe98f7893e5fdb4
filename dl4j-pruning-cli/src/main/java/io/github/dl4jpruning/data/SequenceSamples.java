package io.github.dl4jpruning.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sequences of different lengths.
 *
 * @param features sequences × steps × features
 * @param labels sequences × steps × outputs, or sequences × 1 × outputs for one label each
 * @param classes the names of the classes; empty for numbers
 * @param input the order of axes of the network's input
 * @param output the order of axes of its output if it has one for each step
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
record SequenceSamples(
    float[][][] features,
    float[][][] labels,
    List<String> classes,
    RNNFormat input,
    Optional<RNNFormat> output)
    implements Samples {

  @Override
  public int size() {
    return features.length;
  }

  @Override
  public DataSet read(int... positions) {
    float[][][] x = Arrays.stream(positions).mapToObj(i -> features[i]).toArray(float[][][]::new);
    float[][][] y = Arrays.stream(positions).mapToObj(i -> labels[i]).toArray(float[][][]::new);
    int steps = Arrays.stream(x).mapToInt(sequence -> sequence.length).max().orElseThrow();
    boolean equal = Arrays.stream(x).allMatch(sequence -> sequence.length == steps);
    @Nullable INDArray mask = equal ? null : mask(x, steps, false);
    INDArray volume = volume(x, x, steps, input);
    if (output.isEmpty()) {
      return new DataSet(volume, last(y), mask, null);
    }
    boolean oneEach = isOneEach(x, y);
    INDArray wanted = volume(y, x, steps, output.get());
    return new DataSet(volume, wanted, mask, oneEach ? mask(x, steps, true) : mask);
  }

  private static boolean isOneEach(float[][][] x, float[][][] y) {
    return IntStream.range(0, x.length).anyMatch(i -> y[i].length != x[i].length);
  }

  /** Returns 1 at the steps of each sequence, or only at its last step. */
  private static INDArray mask(float[][][] x, int steps, boolean lastOnly) {
    float[][] mask = new float[x.length][steps];
    for (int i = 0; i < x.length; i++) {
      Arrays.fill(mask[i], lastOnly ? x[i].length - 1 : 0, x[i].length, 1f);
    }
    return Nd4j.createFromArray(mask);
  }

  /** Fills up to the longest sequence; a single value stands at the last step. */
  private static INDArray volume(float[][][] values, float[][][] x, int steps, RNNFormat format) {
    int width = values[0][0].length;
    boolean stepsLast = format == RNNFormat.NCW;
    float[] all = new float[values.length * steps * width];
    for (int i = 0; i < values.length; i++) {
      int first = x[i].length - values[i].length;
      for (int t = 0; t < values[i].length; t++) {
        for (int f = 0; f < width; f++) {
          int step = first + t;
          int at = stepsLast ? f * steps + step : step * width + f;
          all[i * steps * width + at] = values[i][t][f];
        }
      }
    }
    return Nd4j.createFromArray(all)
        .reshape(values.length, stepsLast ? width : steps, stepsLast ? steps : width);
  }

  private static INDArray last(float[][][] labels) {
    return Nd4j.createFromArray(
        Arrays.stream(labels).map(steps -> steps[steps.length - 1]).toArray(float[][]::new));
  }

  @Override
  public String title() {
    int least = Arrays.stream(features).mapToInt(steps -> steps.length).min().orElseThrow();
    int most = Arrays.stream(features).mapToInt(steps -> steps.length).max().orElseThrow();
    return String.format(
        Locale.ROOT,
        "%,d sequences of %d to %d steps, %d inputs in each",
        size(),
        least,
        most,
        features[0][0].length);
  }
}
