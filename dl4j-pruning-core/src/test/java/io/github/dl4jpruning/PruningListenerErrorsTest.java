package io.github.dl4jpruning;

import static io.github.dl4jpruning.TrainingFixtures.oneShot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * What a listener refuses, when it is built, attached or at an update: network and masks stay as
 * they were.
 */
class PruningListenerErrorsTest {

  @Test
  void shouldRefuseASecondListenerOrASecondNetwork() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = oneShot(0.5, 0);
    pruning.attachTo(network);

    assertThatThrownBy(() -> pruning.attachTo(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attached to this network already");
    assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one already");
    assertThatThrownBy(() -> pruning.attachTo(recipe.build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a second");
    assertThat(network.getListeners()).containsExactly(pruning);
    MultiLayerNetwork two = recipe.build();
    two.setListeners(oneShot(0.5, 0), oneShot(0.5, 0));
    long[] before = Invariants.bits(two);
    assertThatThrownBy(() -> two.fit(recipe.batch(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has more");
    assertThat(Invariants.bits(two)).isEqualTo(before);
  }

  @Test
  void shouldRefuseANetworkThatItCannotPrune() {
    MultiLayerNetwork fresh =
        new MultiLayerNetwork(Recipe.of(Kind.DENSE).build().getLayerWiseConfigurations());
    assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(fresh))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("init()");
    assertThatThrownBy(() -> SparsityReport.of(fresh)).isInstanceOf(IllegalStateException.class);

    for (OptimizationAlgorithm algorithm :
        List.of(
            OptimizationAlgorithm.LBFGS,
            OptimizationAlgorithm.CONJUGATE_GRADIENT,
            OptimizationAlgorithm.LINE_GRADIENT_DESCENT)) {
      MultiLayerNetwork other =
          new MultiLayerNetwork(
              new NeuralNetConfiguration.Builder()
                  .optimizationAlgo(algorithm)
                  .list()
                  .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                  .layer(new OutputLayer.Builder().nIn(4).nOut(2).build())
                  .build());
      other.init();
      assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("STOCHASTIC_GRADIENT_DESCENT")
          .hasMessageContaining(algorithm.name());
      assertThat(other.getListeners()).isEmpty();
    }

    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .optimizationAlgo(OptimizationAlgorithm.LBFGS)
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(2).build(), "in")
                .setOutputs("out")
                .build());
    assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(graph))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("init() was not called");
    graph.init();
    assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("STOCHASTIC_GRADIENT_DESCENT")
        .hasMessageContaining("LBFGS");
    assertThat(graph.getListeners()).isEmpty();
    assertThatThrownBy(() -> oneShot(0.5, 0).attachTo(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a MultiLayerNetwork or a ComputationGraph, but found null");
  }

  @Test
  void shouldRefuseAFilterThatDoesNotFit() {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    for (ParameterFilter bad :
        List.of(
            ParameterFilter.weights().exceptLayers("outptu"),
            ParameterFilter.weights().onlyLayers("norm"))) {
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.constant(0.5))
              .parameters(bad)
              .build();
      assertThatThrownBy(() -> pruning.attachTo(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("filter");
      assertThat(network.getListeners()).isEmpty();
    }
  }

  @Test
  void shouldRefuseBadChoicesWhenBuilt() {
    assertThatThrownBy(() -> PruningListener.builder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schedule must be set");
    PruningListener.Builder builder =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5));
    assertThatThrownBy(() -> builder.updateEvery(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("updateEvery must be 1 or more, but is 0");
    builder.updateEvery(1);
    assertThatThrownBy(() -> builder.criterion(null).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("criterion must be set");
    assertThatCode(
            () -> PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build())
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldRefuseNanAtAnUpdateAndNameTheParameter(Kind kind) {
    Recipe recipe = Recipe.of(kind);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(
                new MapSchedule(
                    ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 1, 0.3, 3, 0.6))))
            .build();
    pruning.attachTo(network);
    network.fit(recipe.batch(0));
    network.fit(recipe.batch(1));
    List<Mask> before = pruning.masks();
    network.fit(recipe.batch(2));
    INDArray output = network.getLayer(network.getnLayers() - 1).getParam("W");
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      output.putScalar(4, bad);
      double[] params = network.params().toDoubleVector();

      assertThatThrownBy(() -> network.fit(recipe.batch(3)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("output.W")
          .hasMessageContaining("iteration 3")
          .hasMessageContaining("no mask was changed");
      assertThat(network.params().toDoubleVector()).isEqualTo(params);
      assertThat(pruning.masks()).isEqualTo(before);
    }
  }

  @Test
  void shouldLeaveNetworkAndMasksAsTheyWereIfACriterionFails() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 0.0}) {
      MultiLayerNetwork network = recipe.build();
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.constant(0.5))
              .criterion(
                  tensor -> {
                    if (bad == 0.0 && tensor.name().equals("output.W")) {
                      throw new IllegalStateException("no idea");
                    }
                    double[] scores = new double[tensor.weights().length];
                    Arrays.fill(scores, 1.0);
                    scores[scores.length - 1] = bad;
                    return scores;
                  })
              .build();
      pruning.attachTo(network);
      double[] params = network.params().toDoubleVector();

      assertThatThrownBy(() -> network.fit(recipe.batch(0)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(bad == 0.0 ? "no idea" : "hidden.W");
      assertThat(network.params().toDoubleVector()).isEqualTo(params);
      assertThat(pruning.sparsity()).isZero();
    }
  }

  @Test
  void shouldRefuseAScheduleThatFalls() {
    assertThatThrownBy(
            () ->
                PruningListener.builder()
                    .schedule(SparsitySchedules.linear(0.5, 0.1, 0, 1))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the schedule falls")
        .hasMessageContaining("regrow");

    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.5, 1, 0.1))))
        .build()
        .attachTo(network);
    network.fit(recipe.batch(0));

    assertThatThrownBy(() -> network.fit(recipe.batch(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("from 0.5 to 0.1");
  }
}
