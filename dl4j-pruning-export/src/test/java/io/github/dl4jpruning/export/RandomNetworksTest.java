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
import org.junit.jupiter.api.Test;

/** Random networks of all kinds of layers give in the runtime what they give in DL4J. */
class RandomNetworksTest {

  private static final int NETWORKS = Boolean.getBoolean("pruning.fullMatrix") ? 400 : 110;
  private static final int THREADS = 4;

  @Test
  void shouldGiveWhatDl4jGives() throws Exception {
    Map<RandomNetworks.Family, Integer> families = new EnumMap<>(RandomNetworks.Family.class);
    int done = 0;
    for (RandomExports.Case one : RandomExports.first(NETWORKS)) {
      Agreement.check(one.network(), one.batch(), one.inputType(), one.toString());
      if (done++ % 10 == 0) {
        checkThreads(one);
      }
      families.merge(one.family(), 1, Integer::sum);
    }
    assertThat(families).hasSize(RandomNetworks.Family.values().length);
  }

  /** Sessions of several threads at once give the same bits as one alone. */
  private static void checkThreads(RandomExports.Case one)
      throws InterruptedException, ExecutionException {
    SparseModel model =
        Agreement.exported(one.network(), ExportOptions.defaults().withInputTypes(one.inputType()));
    float[][] inputs = new float[(int) one.batch().size(0)][];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Agreement.flat(Agreement.example(one.batch(), i));
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
