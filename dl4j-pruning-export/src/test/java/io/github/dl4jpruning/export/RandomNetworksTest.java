package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.runtime.SparseModel;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Random networks of all kinds of layers give in the runtime what they give in DL4J. */
class RandomNetworksTest {

  private static final int NETWORKS = Boolean.getBoolean("pruning.fullMatrix") ? 400 : 110;
  private static final int THREADS = 4;

  @Test
  void shouldGiveWhatDl4jGives() throws Exception {
    Map<RandomNetworks.Family, Integer> families = new EnumMap<>(RandomNetworks.Family.class);
    int done = 0;
    int refused = 0;
    for (long seed = 0; done < NETWORKS; seed++) {
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
      String what = "seed " + seed + ", " + networks.family();
      try {
        Agreement.check(network, batch, networks.inputType(), what);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("expected a layer that can be exported");
        refused++; // attention
        continue;
      }
      if (done % 10 == 0) {
        checkThreads(network, batch, networks);
      }
      families.merge(networks.family(), 1, Integer::sum);
      done++;
    }
    assertThat(refused).isLessThan(NETWORKS / 10);
    assertThat(families).hasSize(RandomNetworks.Family.values().length);
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

  /** Sessions of several threads at once give the same bits as one alone. */
  private static void checkThreads(Model network, INDArray batch, RandomNetworks networks)
      throws InterruptedException, ExecutionException {
    SparseModel model =
        Agreement.exported(network, ExportOptions.defaults().withInputTypes(networks.inputType()));
    float[][] inputs = new float[(int) batch.size(0)][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Agreement.flat(Agreement.example(batch, i));
    }
    float[][] alone = model.runBatch(inputs);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<float[][]>> results = new ArrayList<>();
      for (int t = 0; t < 2 * THREADS; t++) {
        results.add(pool.submit(() -> model.runBatch(inputs)));
      }
      for (Future<float[][]> result : results) {
        assertThat(result.get()).isDeepEqualTo(alone);
      }
    } finally {
      pool.shutdown();
    }
  }
}
