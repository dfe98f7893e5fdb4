package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.testing.RatesOfTheirOwn;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Updaters in types in which their epsilon is zero: what they make of a gradient of zero may be
 * NaN, and NaN times a mask is NaN.
 */
class HalfPrecisionTrainingTest {

  /** For a gradient of zero, the update NaN. */
  @SuppressWarnings("serial")
  public static final class DividesByTheGradient implements IUpdater {
    @Override
    public long stateSize(long parameters) {
      return 0;
    }

    @Override
    public GradientUpdater<?> instantiate(INDArray view, boolean initialize) {
      return new Dividing(this);
    }

    @Override
    public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
      return new Dividing(this);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof DividesByTheGradient;
    }

    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public DividesByTheGradient clone() {
      return new DividesByTheGradient();
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
      return 0.01;
    }

    @Override
    public boolean hasLearningRate() {
      return false;
    }

    @Override
    public void setLrAndSchedule(double rate, ISchedule schedule) {}
  }

  private record Dividing(DividesByTheGradient config)
      implements GradientUpdater<DividesByTheGradient> {
    @Override
    public DividesByTheGradient getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {}

    @Override
    public Map<String, INDArray> getState() {
      return Map.of();
    }

    @Override
    public void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {}

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      INDArray sign = gradient.div(Nd4j.math().abs(gradient)); // 0 / 0
      gradient.assign(sign.mul(0.001));
    }
  }

  static Stream<IUpdater> updaters() {
    return Stream.concat(
        Stream.of(new DividesByTheGradient()), RatesOfTheirOwn.updaters(null).stream());
  }

  /** Without normalisation, which gives NaN in HALF by itself. */
  private static MultiLayerNetwork network(IUpdater updater, DataType type) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(type)
                .updater(updater)
                .list()
                .layer(new DenseLayer.Builder().nIn(7).nOut(11).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(11)
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
    network.init();
    return network;
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void removedWeightsAreZeroAfterEveryStepInEveryType(IUpdater updater) {
    for (DataType type : List.of(DataType.FLOAT16, DataType.FLOAT, DataType.DOUBLE)) {
      Recipe recipe = Recipe.of(Kind.DENSE).with(type);
      MultiLayerNetwork layers = network(updater, type);
      for (Model network : List.of(layers, layers.toComputationGraph())) {
        PruningListener pruning =
            PruningListener.builder()
                .schedule(SparsitySchedules.constant(0.6))
                .updateEvery(2)
                .build();
        pruning.attachTo(network);
        for (int t = 0; t < 6; t++) {
          Networks.fit(network, recipe.batch(t));
          assertThat(pruning.applyMasks()).as("%s %s %d", updater, type, t).isZero();
        }
        long zeros = Invariants.zeroWeights(network).cardinality();
        assertThat(zeros).isEqualTo(Math.round(0.6 * Invariants.weightCount(network)));
      }
    }
  }
}
