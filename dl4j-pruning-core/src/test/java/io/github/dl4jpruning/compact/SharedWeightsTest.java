package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

class SharedWeightsTest {

  private static final int BITS = 2;

  static Stream<IUpdater> updaters() {
    return Stream.of(new Sgd(.1), new Nesterovs(.05, .9), new Adam(.01), new RmsProp(.01));
  }

  private static double[] weights(Model network, String name) {
    return network.getParam(name).dup().data().asDouble();
  }

  /** Which weights are the same. */
  private static int[] groups(double[] weights) {
    Map<Double, Integer> first = new HashMap<>();
    int[] groups = new int[weights.length];
    for (int i = 0; i < weights.length; i++) {
      groups[i] = weights[i] == 0.0 ? -1 : first.computeIfAbsent(weights[i], w -> first.size());
    }
    return groups;
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void shouldMoveValuesAndKeepCodes(IUpdater updater) {
    for (boolean graph : new boolean[] {false, true}) {
      Recipe recipe = Recipe.of(Kind.DENSE).with(updater).with(Networks.Penalty.L2);
      MultiLayerNetwork plain = recipe.build();
      Model network = graph ? plain.toComputationGraph() : plain;
      PruningListener pruning =
          PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
      pruning.attachTo(network);
      Networks.fit(network, recipe.batch(0));
      Map<String, double[]> before = new HashMap<>();
      network.paramTable().keySet().forEach(name -> before.put(name, weights(network, name)));

      SharedWeights.share(network, BITS);

      Map<String, int[]> groups = new HashMap<>();
      Map<String, double[]> start = new HashMap<>();
      for (String name : before.keySet()) {
        double[] now = weights(network, name);
        if (name.endsWith("_W")) {
          groups.put(name, groups(now));
          start.put(name, now);
          int[] own = groups.get(name);
          assertThat(Arrays.stream(own).max().orElse(0)).isLessThan(1 << BITS);
          for (int i = 0; i < now.length; i++) {
            assertThat(now[i] == 0.0).isEqualTo(before.get(name)[i] == 0.0);
            // A shared value is the mean of the weights that share it.
            int group = own[i];
            double mean =
                java.util.stream.IntStream.range(0, now.length)
                    .filter(j -> own[j] == group)
                    .mapToDouble(j -> before.get(name)[j])
                    .average()
                    .orElseThrow();
            assertThat(now[i]).isCloseTo(group < 0 ? 0.0 : mean, within(1e-6));
          }
        } else {
          assertThat(now).isEqualTo(before.get(name));
        }
      }
      for (int t = 1; t < 8; t++) {
        Networks.fit(network, recipe.batch(t));
        for (String name : groups.keySet()) {
          assertThat(groups(weights(network, name))).as(name).isEqualTo(groups.get(name));
        }
      }
      groups
          .keySet()
          .forEach(name -> assertThat(weights(network, name)).isNotEqualTo(start.get(name)));
    }
  }

  /** One step of plain gradient descent: each value goes down the mean of its gradients. */
  @Test
  void shouldFollowTheMeanOfTheGradients() {
    Recipe recipe = Recipe.of(Kind.LSTM).with(new Sgd(0.5));
    MultiLayerNetwork network = recipe.build();
    SharedWeights.share(network, BITS);
    MultiLayerNetwork free = network.clone();
    DataSet batch = recipe.batch(3);

    Networks.fit(network, batch);
    Networks.fit(free, batch);

    for (String name : new String[] {"0_W", "0_RW", "1_W"}) {
      double[] shared = weights(network, name);
      double[] alone = weights(free, name);
      int[] groups = groups(shared);
      for (int g = 0; g < 1 << BITS; g++) {
        int group = g;
        int[] members =
            java.util.stream.IntStream.range(0, shared.length)
                .filter(i -> groups[i] == group)
                .toArray();
        double mean = Arrays.stream(members).mapToDouble(i -> alone[i]).average().orElse(0);
        for (int i : members) {
          assertThat(shared[i]).isCloseTo(mean, within(1e-6));
        }
      }
    }
  }

  /** The loss on one batch falls, though only a few values can move. */
  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"DENSE", "CONVOLUTION", "LSTM", "SEPARABLE"})
  void shouldLearn(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    DataSet batch = recipe.batch(1);
    SharedWeights shared = SharedWeights.share(network, 3);
    double first = network.score(batch);
    for (int t = 0; t < 60; t++) {
      network.fit(batch);
    }

    assertThat(network.score(batch)).isLessThan(0.9 * first);
    CompactSizes sizes = CompactModelSerializer.measure(network, CompactOptions.lossless());
    shared.detach();
    network.fit(batch);
    CompactSizes later = CompactModelSerializer.measure(network, CompactOptions.lossless());

    assertThat(later.compact()).isGreaterThan(sizes.compact());
    assertThat(network.getListeners()).isEmpty();
  }

  @Test
  void shouldShareWhatIsAskedFor() {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    INDArray second = network.getParam("2_W").dup();

    SharedWeights.share(network, 1, ParameterFilter.layers("hidden"));

    assertThat(Arrays.stream(groups(weights(network, "0_W"))).max().orElseThrow()).isEqualTo(1);
    assertThat(network.getParam("2_W")).isEqualTo(second);
  }

  @Test
  void shouldRefuseBadInputAndChangeNothing() {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    INDArray before = network.params().dup();

    assertThatThrownBy(() -> SharedWeights.share(network, 0)).hasMessageContaining("but are 0");
    assertThatThrownBy(() -> SharedWeights.share(network, 4, ParameterFilter.layers("none")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(network.params()).isEqualTo(before);
    network.getParam("2_W").putScalar(3, Double.NaN);
    double first = network.getParam("0_W").getDouble(0);
    assertThatThrownBy(() -> SharedWeights.share(network, 4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("layer2.W");
    assertThat(network.getParam("0_W").getDouble(0)).isEqualTo(first);
    assertThat(network.getListeners()).isEmpty();
  }
}
