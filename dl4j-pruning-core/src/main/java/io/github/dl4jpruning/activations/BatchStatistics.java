package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Lets the mean and the variance of a batch normalisation follow the pruned network: they change as
 * those of its inputs do on the calibration data. So a network that was not changed keeps what it
 * learned from all training data.
 */
public final class BatchStatistics {

  private BatchStatistics() {}

  /** The mean and the variance of each channel. */
  @SuppressWarnings("ArrayRecordComponent") // used at once
  private record Moments(double[] mean, double[] variance) {}

  /**
   * Lets the statistics of a layer follow.
   *
   * @param name the name of a layer; nothing happens if it is no batch normalisation
   * @param original the network before
   * @param pruned the network whose statistics change
   * @param calibration inputs
   */
  public static void follow(
      String name, NetworkParameters original, NetworkParameters pruned, Calibration calibration) {
    Optional<BatchNormalization> layer =
        pruned
            .layer(name)
            .flatMap(LayerInputs::innermost)
            .map(l -> l.conf().getLayer())
            .filter(BatchNormalization.class::isInstance)
            .map(BatchNormalization.class::cast);
    if (layer.isEmpty()) {
      return;
    }
    Moments before = moments(name, original, calibration);
    Moments after = moments(name, pruned, calibration);
    boolean logarithm = layer.get().isUseLogStd();
    for (PrunableParameter parameter : pruned.parameters()) {
      if (!parameter.layer().equals(name)) {
        continue;
      }
      boolean mean = parameter.key().equals(BatchNormalizationParamInitializer.GLOBAL_MEAN);
      boolean variance = parameter.key().equals(BatchNormalizationParamInitializer.GLOBAL_VAR);
      boolean deviation =
          logarithm && parameter.key().equals(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
      if (!mean && !variance && !deviation) {
        continue;
      }
      double[] values = pruned.finiteValues(parameter);
      for (int c = 0; c < values.length; c++) {
        boolean alive = before.variance()[c] > 0 && after.variance()[c] > 0;
        double ratio = alive ? after.variance()[c] / before.variance()[c] : 1;
        values[c] =
            mean
                ? values[c] + after.mean()[c] - before.mean()[c]
                : variance ? values[c] * ratio : values[c] + Math.log10(ratio) / 2;
      }
      NetworkStore.setValues(pruned, parameter, values);
    }
  }

  private static Moments moments(String name, NetworkParameters network, Calibration calibration) {
    Layer layer = network.layer(name).flatMap(LayerInputs::innermost).orElseThrow();
    boolean last =
        ((BatchNormalization) layer.conf().getLayer()).getCnn2DFormat() == CNN2DFormat.NHWC;
    INDArray[] sums = new INDArray[2];
    long[] count = new long[1];
    calibration.forward(
        network.model(),
        masks -> {
          INDArray input = layer.input().castTo(DataType.DOUBLE);
          int channels = input.rank() == 4 && last ? 3 : 1;
          int[] others =
              IntStream.range(0, input.rank()).filter(axis -> axis != channels).toArray();
          INDArray sum = input.sum(others);
          INDArray squares = input.mul(input).sum(others);
          sums[0] = sums[0] == null ? sum : sums[0].add(sum);
          sums[1] = sums[1] == null ? squares : sums[1].add(squares);
          count[0] += input.length() / input.size(channels);
        });
    if (count[0] == 0 || !Double.isFinite(sums[1].sumNumber().doubleValue())) {
      throw new IllegalStateException(
          name
              + ": expected finite inputs, but found "
              + (count[0] == 0 ? "none" : "NaN or an infinity")
              + " in those of the calibration data");
    }
    INDArray mean = sums[0].div(count[0]);
    INDArray variance = sums[1].div(count[0]).subi(mean.mul(mean));
    return new Moments(mean.dup().data().asDouble(), variance.dup().data().asDouble());
  }
}
