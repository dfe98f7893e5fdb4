package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Logged;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.constraint.BaseConstraint;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Weights that something writes to after the pruning listener has set them to zero. */
@Isolated // reads the log
class WrittenAfterTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  /** Of a user's own, on DL4J's base class. */
  @SuppressWarnings("serial")
  public static final class ZeroMean extends BaseConstraint {
    public ZeroMean() {
      super(Set.of("W"), 0.0, new int[] {0});
    }

    @Override
    public void apply(INDArray weights) {
      weights.subi(weights.meanNumber());
    }

    @Override
    public ZeroMean clone() {
      return new ZeroMean();
    }
  }

  /** Of a user's own, without DL4J's base class. */
  @SuppressWarnings("serial")
  public static final class AtLeast implements LayerConstraint {
    @Override
    public void applyConstraint(Layer layer, int iteration, int epoch) {
      INDArray weights = layer.getParam("W");
      for (long i = 0; i < weights.length(); i++) {
        weights.putScalar(i, Math.max(0.001, weights.getDouble(i)));
      }
    }

    @Override
    public void setParams(Set<String> names) {}

    @Override
    public Set<String> getParams() {
      return Set.of("W");
    }

    @Override
    public AtLeast clone() {
      return new AtLeast();
    }
  }

  /** What cannot be tried, since it asks a layer for more than it has here. */
  @SuppressWarnings("serial")
  public static final class AsksForMore implements LayerConstraint {
    @Override
    public void applyConstraint(Layer layer, int iteration, int epoch) {
      if (layer.getEpochCount() >= 0) {
        layer.getParam("W").addi(0.001);
      }
    }

    @Override
    public void setParams(Set<String> names) {}

    @Override
    public Set<String> getParams() {
      return Set.of("W");
    }

    @Override
    public AsksForMore clone() {
      return new AsksForMore();
    }
  }

  private static MultiLayerNetwork with(LayerConstraint constraint) {
    MultiLayerNetwork network = DENSE.build();
    network.getLayer(0).conf().getLayer().setConstraints(List.of(constraint));
    constraint.setParams(Set.of("W"));
    return network;
  }

  private static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 0, 12))
        .updateEvery(2)
        .build();
  }

  private static PruningListener trained(Model network, int iterations) {
    PruningListener pruning = ramp();
    pruning.attachTo(network);
    for (int t = 0; t < iterations; t++) {
      Networks.fit(network, DENSE.batch(t));
    }
    return pruning;
  }

  @Test
  void aConstraintThatDoesNotKeepZerosIsRefused() {
    for (LayerConstraint constraint :
        List.of(new ZeroMean(), new AtLeast(), new UnitNormConstraint(1))) {
      MultiLayerNetwork network = with(constraint);
      long[] before = Invariants.bits(network);
      assertThatThrownBy(() -> ramp().attachTo(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hidden")
          .hasMessageContaining(constraint.getClass().getSimpleName())
          .hasMessageContaining("to a removed weight of hidden.W");
      assertThat(Invariants.bits(network)).isEqualTo(before);
      assertThat(network.getListeners()).isEmpty();
    }
  }

  @Test
  void aConstraintThatKeepsZerosIsNot() {
    for (LayerConstraint constraint :
        List.of(
            new MaxNormConstraint(0.5, 1),
            new MinMaxNormConstraint(0.1, 0.5, 1),
            new NonNegativeConstraint())) {
      MultiLayerNetwork network = with(constraint);
      assertThatCode(() -> ramp().attachTo(network)).doesNotThrowAnyException();
    }
  }

  @Test
  void aConstraintThatCannotBeTriedIsFoundOut() {
    MultiLayerNetwork network = with(new AsksForMore());
    PruningListener pruning = ramp();
    assertThat(Logged.by(() -> pruning.attachTo(network)))
        .contains("AsksForMore of layer hidden could not be tried");
    for (int t = 0; t < 14; t++) {
      network.fit(DENSE.batch(t));
    }
    assertThat(Logged.by(pruning::finish)).contains("removed weights are not zero");
    assertThat(SparsityReport.of(network).sparsity()).isEqualTo(pruning.sparsity());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void averagedWeightsAreSetToZeroAgainAtTheEnd(boolean graph) {
    Model network = graph ? DENSE.buildGraph() : DENSE.build();
    PruningListener pruning = trained(network, 14);
    assertThat(pruning.isAtTarget()).isTrue();
    network.params().addi(0.01); // an average of weights before and after they were removed

    assertThat(pruning.isAtTarget()).isFalse();
    assertThat(pruning.sparsity()).isZero();
    String log = Logged.by(pruning::finish);

    assertThat(log)
        .contains("WARN")
        .contains("At the end of training")
        .contains(graph ? "0.W" : "hidden.W");
    assertThat(pruning.sparsity()).isCloseTo(0.8, org.assertj.core.data.Offset.offset(0.01));
    assertThat(SparsityReport.of(network).sparsity()).isEqualTo(pruning.sparsity());
    assertThat(pruning.isAtTarget()).isTrue();
    assertThat(Logged.by(pruning::finish)).isEmpty();
  }

  @Test
  void whatIsMeasuredIsWhatIsThere() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = trained(network, 14);
    double before = pruning.sparsity();
    INDArray weights = network.getParam("0_W");
    int removed = 0;
    while (weights.getDouble(removed) != 0.0) {
      removed++;
    }
    weights.putScalar(removed, Double.NaN);
    assertThat(pruning.sparsity()).isEqualTo(before - 1.0 / Invariants.weightCount(network));
    assertThat(pruning.applyMasks()).isEqualTo(1);
    assertThat(pruning.sparsity()).isEqualTo(before);
    assertThat(pruning.applyMasks()).isZero();
  }

  /** A listener behind ours, and its weights at the end of an epoch. */
  @Test
  void aListenerThatWritesWeightsIsFoundOutAtTheEndOfAnEpoch() {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = trained(network, 14);
    network.addListeners(
        new BaseTrainingListener() {
          @Override
          public void iterationDone(Model model, int iteration, int epoch) {
            model.params().addi(0.001);
          }
        });
    ListDataSetIterator<DataSet> epoch = new ListDataSetIterator<>(DENSE.batch(1).asList(), 5);
    String log = Logged.by(() -> network.fit(epoch));
    assertThat(log).contains("At the end of epoch 1").contains("removed weights are not zero");
    assertThat(SparsityReport.of(network).sparsity()).isEqualTo(pruning.sparsity());
    assertThat(Logged.by(() -> network.fit(epoch))).doesNotContain("WARN");
    assertThat(SparsityReport.of(network).sparsity()).isEqualTo(pruning.sparsity());
  }

  @Test
  void aCheckpointIsSparse(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning = trained(network, 14);
    double before = pruning.sparsity();
    network.params().addi(0.01);
    Path file = folder.resolve("saved.zip");
    String log =
        Logged.by(
            () -> {
              try {
                PruningCheckpoint.save(network, pruning, file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(log).contains("While saving a network");
    assertThat(SparsityReport.of(PruningCheckpoint.load(file).network()).sparsity())
        .isEqualTo(before);
  }

  @Test
  void aCompactFileIsAsTheNetworkIsAndItIsSaid(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = DENSE.build();
    trained(network, 14);
    network.params().addi(0.01);
    long[] before = Invariants.bits(network);
    Path file = folder.resolve("saved.compact");
    String log =
        Logged.by(
            () -> {
              try {
                CompactModelSerializer.write(network, file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(log).contains("WARN").contains("written to a compact file").contains("applyMasks");
    assertThat(Invariants.bits(network)).isEqualTo(before);
    assertThat(Invariants.bits(CompactModelSerializer.restore(file).network())).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyKindIsMeasured(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(network);
    network.fit(recipe.batch(0));
    long removed = pruning.masks().stream().mapToLong(mask -> mask.removed()).sum();
    double before = pruning.sparsity();
    network.params().addi(1.0);
    assertThat(pruning.applyMasks()).isPositive().isLessThanOrEqualTo(removed);
    assertThat(pruning.sparsity()).isEqualTo(before);
  }
}
