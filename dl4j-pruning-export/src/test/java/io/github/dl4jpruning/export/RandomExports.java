package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Random networks that have a plan, with pruned weights, for the tests of all exporters. */
public final class RandomExports {

  private RandomExports() {}

  /**
   * A network and a batch for it.
   *
   * @param seed the seed that gives it
   * @param family what it reads
   * @param network the network
   * @param batch examples
   * @param inputType the type of an example
   */
  public record Case(
      long seed, RandomNetworks.Family family, Model network, INDArray batch, InputType inputType) {
    @Override
    public String toString() {
      return "seed " + seed + ", " + family;
    }
  }

  /** What was made so far: the tests of all exporters run in one process and share it. */
  private static final List<Case> CASES = new ArrayList<>();

  private static long seed;
  private static int refused;

  /** The first networks that DL4J can build and that have a plan; tests must not change them. */
  public static synchronized List<Case> first(int count) {
    for (; CASES.size() < count; seed++) {
      DataType type = seed % 4 == 0 ? DataType.DOUBLE : DataType.FLOAT;
      RandomNetworks networks = new RandomNetworks(seed, new Sgd(0.05), type);
      Model network;
      INDArray batch;
      try {
        network = networks.network();
        batch = networks.data(network).getFeatures();
      } catch (RuntimeException e) {
        continue; // DL4J cannot build it
      }
      Agreement.prune(network, seed);
      if (!isSteady(network, batch) || readsViewsOfDepthwise(networks, network)) {
        continue;
      }
      try {
        InferencePlan.of(network, ExportOptions.defaults().withInputTypes(networks.inputType()));
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("expected a layer that can be exported");
        refused++; // attention
        continue;
      }
      CASES.add(new Case(seed, networks.family(), network, batch, networks.inputType()));
    }
    assertThat(refused).isLessThan(Math.max(count, CASES.size()) / 10);
    return List.copyOf(CASES.subList(0, count));
  }

  /** DL4J's batch normalisation with channels last gives something else each time. */
  private static boolean isSteady(Model network, INDArray batch) {
    INDArray once = RandomNetworks.output(network, batch).dup();
    return once.equals(RandomNetworks.output(network, batch));
  }

  /**
   * With channels last, ND4J's depthwise convolution gives something else for an array in another
   * memory order, as the layer before it leaves one: what it gives for a copy is right.
   */
  private static boolean readsViewsOfDepthwise(RandomNetworks networks, Model network) {
    if (networks.family() != RandomNetworks.Family.IMAGES_CHANNELS_LAST) {
      return false;
    }
    String configuration =
        network instanceof ComputationGraph graph
            ? graph.getConfiguration().toJson()
            : ((MultiLayerNetwork) network).getLayerWiseConfigurations().toJson();
    return configuration.contains(DepthwiseConvolution2D.class.getName());
  }
}
