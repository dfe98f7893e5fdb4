package io.github.dl4jpruning.oneshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.inverse.InvertMatrix;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Layers whose masks can all be tried. */
class SmallLayersTest {

  /** Of all masks of a small layer, the one is taken whose least squares solution is best. */
  @Test
  void shouldTakeTheBestOfAllMasks() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int outputs = 1 + random.nextInt(3);
      int inputs = 2 + random.nextInt(8 / outputs - 1);
      MultiLayerNetwork network =
          OneShotPrunerTest.network(
              DataType.DOUBLE,
              InputType.feedForward(inputs),
              new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                  .nOut(outputs)
                  .hasBias(random.nextBoolean())
                  .activation(Activation.IDENTITY)
                  .build());
      network.getParam("0_W").assign(Nd4j.randn(DataType.DOUBLE, inputs, outputs));
      INDArray features = OneShotPrunerTest.inputs(DataType.DOUBLE, 48, inputs);
      int weights = inputs * outputs;
      int removed = 1 + random.nextInt(weights - 1);

      OneShotResult<MultiLayerNetwork> result =
          OneShotPruner.builder()
              .sparsity((double) removed / weights)
              .damping(0)
              .build()
              .prune(network, OneShotPrunerTest.batches(features));

      INDArray expected = network.output(features);
      INDArray found = result.network().output(features);
      double best = leastError(features, expected, outputs, removed, hasBias(network));
      assertThat(found.squaredDistance(expected)).as("seed " + seed).isCloseTo(best, within(1e-7));
      assertThat(zeros(result.network().getParam("0_W"))).isEqualTo(removed);
    }
  }

  private static boolean hasBias(MultiLayerNetwork network) {
    return network.paramTable().containsKey("0_b");
  }

  /** Tries all masks, with least squares by a pseudo-inverse of the samples. */
  private static double leastError(
      INDArray features, INDArray targets, int outputs, int removed, boolean bias) {
    int inputs = features.columns();
    // The least error of each output for each set of its inputs.
    double[][] errors = new double[outputs][1 << inputs];
    INDArray ones = Nd4j.ones(DataType.DOUBLE, features.rows(), 1);
    for (int set = 0; set < 1 << inputs; set++) {
      int chosen = set;
      int[] columns = IntStream.range(0, inputs).filter(i -> (chosen >> i & 1) == 1).toArray();
      INDArray some = columns.length == 0 ? null : features.getColumns(columns);
      INDArray read = some == null ? (bias ? ones : null) : bias ? Nd4j.hstack(some, ones) : some;
      INDArray left =
          read == null
              ? targets
              : targets.sub(read.mmul(InvertMatrix.pinvert(read, false).mmul(targets)));
      for (int output = 0; output < outputs; output++) {
        double norm = left.getColumn(output).norm2Number().doubleValue();
        errors[output][set] = norm * norm;
      }
    }
    double best = Double.POSITIVE_INFINITY;
    for (int mask = 0; mask < 1 << (inputs * outputs); mask++) {
      if (Integer.bitCount(mask) == inputs * outputs - removed) {
        double error = 0;
        for (int output = 0; output < outputs; output++) {
          error += errors[output][mask >> (output * inputs) & ((1 << inputs) - 1)];
        }
        best = Math.min(best, error);
      }
    }
    return best;
  }

  private static long zeros(INDArray weights) {
    return Arrays.stream(weights.dup().data().asDouble()).filter(w -> w == 0).count();
  }
}
