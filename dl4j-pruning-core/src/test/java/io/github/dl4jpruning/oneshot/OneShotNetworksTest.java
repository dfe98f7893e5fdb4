package io.github.dl4jpruning.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.util.HashSet;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Sgd;

/** All kinds of layers: exact counts, and nothing changes but what may. */
class OneShotNetworksTest {

  private static final int NETWORKS = LongForm.choose(40, 400);

  private static long removed(Model network) {
    SparsityReport report = SparsityReport.of(network);
    return report.weights() - report.nonZeros();
  }

  /** What may change: selected weights, biases of corrected layers, statistics of batches. */
  private static void checkOnlyWhatMayChange(Model before, OneShotResult<Model> result) {
    Set<String> corrected = new HashSet<>();
    for (LayerReport layer : result.layers()) {
      assertThat(Double.isNaN(layer.before())).isEqualTo(Double.isNaN(layer.after()));
      assertThat(layer.after() > layer.before() + 1e-6).as(layer.toString()).isFalse();
      if (layer.corrected()) {
        corrected.add(layer.layer());
      }
    }
    NetworkParameters old = NetworkParameters.of(before);
    NetworkParameters now = NetworkParameters.of(result.network());
    for (PrunableParameter parameter : old.parameters()) {
      double[] was = old.values(parameter);
      double[] is = now.values(parameter);
      boolean weights = parameter.role() == PrunableParameter.Role.WEIGHT;
      boolean statistics = Set.of("mean", "var", "log10stdev").contains(parameter.key());
      for (int i = 0; i < was.length; i++) {
        assertThat(is[i]).as(parameter.name()).isFinite();
        boolean mayChange = corrected.contains(parameter.layer()) || statistics;
        if (!mayChange && !(weights && is[i] == 0.0)) {
          assertThat(is[i]).as(parameter.name()).isEqualTo(was[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Ranking.class)
  void shouldPruneRandomNetworks(Ranking ranking) {
    int done = 0;
    int corrected = 0;
    for (long seed = ranking.name().length(); done < NETWORKS / 4; seed += 4) {
      RandomNetworks networks =
          new RandomNetworks(seed, new Sgd(0.05), seed % 8 < 4 ? DataType.DOUBLE : DataType.FLOAT);
      Model network;
      DataSet data;
      try {
        network = networks.network();
        data = networks.data(network);
        RandomNetworks.output(network, data.getFeatures());
      } catch (RuntimeException e) {
        continue; // DL4J cannot build or run it
      }
      INDArray before = network.params().dup();
      DataSetIterator calibration = OneShotPrunerTest.batches(data.getFeatures());

      OneShotResult<Model> result =
          OneShotPruner.builder()
              .ranking(ranking)
              .sparsity(0.4)
              .compensate(seed % 3 != 0)
              .build()
              .prune(network, calibration);

      assertThat(network.params()).as("seed " + seed).isEqualTo(before);
      long weights = SparsityReport.of(network).weights();
      long gone = result.layers().stream().mapToLong(LayerReport::removed).sum();
      assertThat(gone).isEqualTo(Math.round(0.4 * weights));
      assertThat(removed(result.network())).isGreaterThanOrEqualTo(gone);
      assertThat(result.sparsity()).isEqualTo((double) gone / weights);
      checkOnlyWhatMayChange(network, result);
      corrected += (int) result.layers().stream().filter(LayerReport::corrected).count();
      done++;
    }
    assertThat(corrected).isPositive();
  }
}
