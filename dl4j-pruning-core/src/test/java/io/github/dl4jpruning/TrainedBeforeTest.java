package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Logged;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;

/** Networks that have been trained before they are pruned: DL4J counts on. */
@Isolated // reads the log
class TrainedBeforeTest {

  private static final int BEFORE = 10;
  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));
  private static final ISchedule SCHEDULE = SparsitySchedules.polynomial(0.0, 0.9, 2, 8);

  private static Model trained(boolean graph) {
    Model network = graph ? DENSE.buildGraph() : DENSE.build();
    train(network, 0, BEFORE);
    return network;
  }

  private static void train(Model network, int from, int count) {
    for (int t = from; t < from + count; t++) {
      Networks.fit(network, DENSE.batch(t));
    }
  }

  private static PruningListener.Builder pruning(ISchedule schedule) {
    return PruningListener.builder().schedule(schedule).updateEvery(1);
  }

  private static String logOfFirstStep(Model network, PruningListener pruning) {
    pruning.attachTo(network);
    return Logged.by(() -> train(network, 50, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aScheduleThatLiesInThePastIsSaid(boolean graph) {
    PruningListener pruning = pruning(SCHEDULE).build();
    assertThat(logOfFirstStep(trained(graph), pruning))
        .contains("WARN")
        .contains("was trained for 10 iterations (0 epochs) before it is pruned")
        .contains("90.00% of the weights are removed at once, which was due at iteration 8")
        .contains("countFrom(CountFrom.ATTACHMENT)");
    assertThat(pruning.isAtTarget()).isTrue();
  }

  @Test
  void aScheduleThatIsHalfOverIsSaidOnce() {
    Model network = trained(false);
    PruningListener pruning = pruning(SparsitySchedules.linear(0.0, 0.8, 0, 20)).build();
    assertThat(logOfFirstStep(network, pruning)).contains("40.00% of the weights");
    assertThat(Logged.by(() -> train(network, 51, 3))).isEmpty();
  }

  @Test
  void whatIsNotInThePastIsNotSaid() {
    for (ISchedule schedule :
        List.of(
            SparsitySchedules.constant(0.5),
            SparsitySchedules.polynomial(0.0, 0.9, BEFORE, 20),
            SparsitySchedules.polynomial(0.3, 0.9, BEFORE + 5, 20))) {
      assertThat(logOfFirstStep(trained(false), pruning(schedule).build())).doesNotContain("WARN");
    }
    PruningListener fromNow = pruning(SCHEDULE).countFrom(CountFrom.ATTACHMENT).build();
    assertThat(logOfFirstStep(trained(false), fromNow)).doesNotContain("WARN");
  }

  /** Updates that come late, because of updateEvery, are no news of a past. */
  @Test
  void aListenerThatWasThereFromTheBeginningSaysNothing() {
    Model network = DENSE.build();
    PruningListener pruning = PruningListener.builder().schedule(SCHEDULE).updateEvery(5).build();
    pruning.attachTo(network);
    assertThat(Logged.by(() -> train(network, 0, 12))).doesNotContain("WARN");
  }

  /** The same masks at the same distance, whatever came before. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aScheduleCountsFromAttachment(boolean graph) {
    List<Double> fresh = sparsities(graph ? DENSE.buildGraph() : DENSE.build());
    assertThat(sparsities(trained(graph))).isEqualTo(fresh);
    assertThat(fresh.get(0)).isZero();
    assertThat(fresh.get(fresh.size() - 1)).isCloseTo(0.9, within());
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(0.01);
  }

  private static List<Double> sparsities(Model network) {
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SCHEDULE)
            .updateEvery(3)
            .countFrom(CountFrom.ATTACHMENT)
            .build();
    pruning.attachTo(network);
    List<Double> sparsities = new ArrayList<>();
    for (int t = 0; t < 10; t++) {
      train(network, 60 + t, 1);
      sparsities.add(pruning.sparsity());
    }
    return sparsities;
  }

  @Test
  void aRuleThatExchangesCountsFromAttachmentToo() {
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .rule(MaskRule.rigl(0.3, 6))
            .updateEvery(2)
            .countFrom(CountFrom.ATTACHMENT)
            .build();
    Model network = trained(false);
    pruning.attachTo(network);
    List<Long> returned = new ArrayList<>();
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            returned.add(event.returned());
          }
        });
    train(network, 60, 10);
    assertThat(returned).hasSizeGreaterThan(1).anyMatch(count -> count > 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aResumedTrainingCountsOn(boolean compact, @TempDir Path folder) throws IOException {
    MultiLayerNetwork network = (MultiLayerNetwork) trained(false);
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SCHEDULE)
            .updateEvery(2)
            .countFrom(CountFrom.ATTACHMENT)
            .build();
    pruning.attachTo(network);
    train(network, 60, 4);
    Path file = folder.resolve("saved");
    MultiLayerNetwork resumed;
    if (compact) {
      CompactModelSerializer.write(
          network, file, CompactOptions.builder().updaterState(true).build());
      resumed = CompactModelSerializer.restoreMultiLayerNetwork(file);
    } else {
      PruningCheckpoint.save(network, pruning, file);
      resumed = PruningCheckpoint.load(file).multiLayerNetwork();
    }
    train(network, 64, 6);
    train(resumed, 64, 6);
    assertThat(Invariants.bits(resumed)).isEqualTo(Invariants.bits(network));
    assertThat(pruning.isAtTarget()).isTrue();
  }

  @Test
  void aRecipeSaysWhereItCountsFrom() {
    PruningConfig config = pruning(SCHEDULE).countFrom(CountFrom.ATTACHMENT).build().config();
    assertThat(config.toYaml()).contains("countFrom: \"attachment\"");
    assertThat(PruningConfig.fromYaml(config.toYaml())).isEqualTo(config);
    assertThat(
            PruningConfig.fromYaml("schedule: {constant: {sparsity: 0.5}}\n").timing().countFrom())
        .isEqualTo(CountFrom.START_OF_TRAINING);
    assertThatThrownBy(
            () ->
                PruningConfig.fromYaml(
                    "schedule: {constant: {sparsity: 0.5}}\ncountFrom: yesterday\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("countFrom")
        .hasMessageContaining("'start-of-training', 'attachment'");
    assertThatThrownBy(() -> pruning(SCHEDULE).countFrom(null).build())
        .hasMessageContaining("countFrom must be set");
  }
}
