package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Adam;

/** A training that goes on with another configuration than it was begun with. */
class OtherConfigurationsTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  @TempDir private Path folder;
  private MultiLayerNetwork network;
  private PruningListener pruning;
  private Path file;

  private static PruningListener.Builder ramp(double to, int end) {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0.0, to, 0, end))
        .updateEvery(1);
  }

  private static void train(MultiLayerNetwork network, int from, int to) {
    for (int t = from; t < to; t++) {
      network.fit(DENSE.batch(t));
    }
  }

  @BeforeEach
  void save() throws IOException {
    network = DENSE.build();
    pruning = ramp(0.5, 10).build();
    pruning.attachTo(network);
    train(network, 0, 6);
    file = folder.resolve("saved.zip");
    PruningCheckpoint.save(network, pruning, file);
  }

  @Test
  void whatDiffersIsSaid() {
    PruningListener other =
        ramp(0.9, 40)
            .distribution(SparsityDistribution.uniform())
            .criterion(ImportanceCriterion.movement())
            .build();
    assertThatThrownBy(() -> PruningCheckpoint.load(file, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found differences in schedule (expected {\"linear\"")
        .hasMessageContaining("criterion (expected \"movement\", found \"magnitude\")")
        .hasMessageContaining("distribution (expected \"uniform\", found \"global\")")
        .hasMessageContaining("PruningCheckpoint.loadWithChanges")
        .satisfies(
            e -> assertThat(e.getMessage()).doesNotContain("pattern").doesNotContain("rule"));
    assertThatThrownBy(() -> other.attachTo(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("they differ in schedule")
        .hasMessageContaining("call takeOver");
    assertThatThrownBy(() -> ramp(0.5, 10).build().attachTo(network))
        .hasMessageContaining("with the same configuration");
  }

  @Test
  void theMasksStayUntilTheNewScheduleIsAboveThem() throws IOException {
    BitSet zeros = Invariants.zeroWeights(network);
    PruningListener next = ramp(0.9, 40).build(); // 0.14 at iteration 6, where 0.25 are removed
    MultiLayerNetwork resumed = PruningCheckpoint.loadWithChanges(file, next).multiLayerNetwork();
    assertThat(Invariants.zeroWeights(resumed)).isEqualTo(zeros);
    double before = next.sparsity();
    for (int t = 6; t < 50; t++) {
      train(resumed, t, t + 1);
      BitSet now = Invariants.zeroWeights(resumed);
      BitSet kept = (BitSet) zeros.clone();
      kept.andNot(now);
      assertThat(kept.isEmpty()).as("a removed weight stays removed").isTrue();
      if (0.9 * t / 40 < before) {
        assertThat(now).isEqualTo(zeros);
      }
      Invariants.checkUpdaterState(resumed, now);
    }
    assertThat(next.sparsity()).isBetween(0.89, 0.91);
  }

  @Test
  void aTrainingWithChangesResumesToTheSameBits() throws IOException {
    PruningListener next = ramp(0.9, 40).criterion(ImportanceCriterion.movement()).build();
    MultiLayerNetwork changed = PruningCheckpoint.loadWithChanges(file, next).multiLayerNetwork();
    train(changed, 6, 8);
    Path second = folder.resolve("second.zip");
    PruningCheckpoint.save(changed, next, second);
    MultiLayerNetwork resumed = PruningCheckpoint.load(second).multiLayerNetwork();
    train(changed, 8, 30);
    train(resumed, 8, 30);
    assertThat(Invariants.bits(resumed)).isEqualTo(Invariants.bits(changed));
  }

  @Test
  void aListenerTakesOverInTheSameProcess() throws IOException {
    MultiLayerNetwork loaded =
        PruningCheckpoint.loadWithChanges(file, ramp(0.9, 40).build()).multiLayerNetwork();
    PruningListener next = ramp(0.9, 40).build();
    next.takeOver(pruning);
    assertThat(pruning.isAttachedTo(network)).isTrue(); // it still knows its masks
    assertThat(network.getListeners()).containsExactly(next);
    train(network, 6, 45);
    train(loaded, 6, 45);
    assertThat(Invariants.bits(network)).isEqualTo(Invariants.bits(loaded));
    assertThatThrownBy(() -> next.takeOver(pruning)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anotherFilterKeepsWhatItSelects() throws IOException {
    PruningListener next =
        ramp(0.9, 40).parameters(ParameterFilter.weights().exceptLayers("hidden")).build();
    MultiLayerNetwork resumed = PruningCheckpoint.loadWithChanges(file, next).multiLayerNetwork();
    int before = zeros(resumed, "3_W");
    assertThat(before).isEqualTo(zeros(network, "3_W"));
    train(resumed, 6, 9);
    assertThat(zeros(resumed, "3_W")).isGreaterThanOrEqualTo(before);
    assertThat(zeros(resumed, "0_W")).as("not held any more").isZero();
    train(resumed, 9, 45);
    assertThat(next.sparsity()).isBetween(0.85, 0.95);
  }

  private static int zeros(MultiLayerNetwork network, String key) {
    double[] values = network.getParam(key).dup().data().asDouble();
    return (int) java.util.Arrays.stream(values).filter(value -> value == 0.0).count();
  }
}
