package io.github.dl4jpruning.parallel;

import static io.github.dl4jpruning.parallel.ParallelFixtures.FINAL;
import static io.github.dl4jpruning.parallel.ParallelFixtures.batches;
import static io.github.dl4jpruning.parallel.ParallelFixtures.network;
import static io.github.dl4jpruning.parallel.ParallelFixtures.ramp;
import static io.github.dl4jpruning.parallel.ParallelFixtures.wrapper;
import static io.github.dl4jpruning.parallel.ParallelFixtures.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.checkpoint.PruningCheckpointListener;
import io.github.dl4jpruning.parallel.ParallelFixtures.Setting;
import io.github.dl4jpruning.parallel.ParallelFixtures.Watch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.ParallelWrapper.TrainingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Adam;

/**
 * How a listener is attached to a wrapper and taken over from one, and what is refused. A hang
 * would show as a timeout.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParallelAttachTest {

  @Test
  void aListenerThatWasAttachedBeforeIsTakenOver() {
    Model network = network(false, new Adam(0.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    ((MultiLayerNetwork) network).fit(batches(3, 1));
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(wrapper, pruning);
    wrapper.fit(batches(20, 2));
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));

    // And back to one thread, with the listeners that the wrapper leaves behind.
    Watch watch = new Watch();
    network.addListeners(watch);
    ((MultiLayerNetwork) network).fit(batches(3, 1));
    assertThat(watch.seen.get(network)).hasSize(3).containsOnly(zeros(network));
    assertThat(pruning.sparsity()).isEqualTo(SparsityReport.of(network).sparsity());
  }

  @Test
  void aCriterionThatFailsEndsTheTrainingAndHangsNobody() {
    Model network = network(false, new Adam(0.01));
    PruningListener pruning =
        ramp()
            .criterion(
                tensor -> {
                  throw new IllegalStateException("no idea");
                })
            .build();
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 4, false));
    ParallelPruning.attachTo(wrapper, pruning);

    assertThatThrownBy(() -> wrapper.fit(batches(40, 1)))
        .hasStackTraceContaining("no mask was changed: no idea");
    assertThat(pruning.sparsity()).isZero();
  }

  @Test
  void withoutParallelPruningTheListenerSaysWhatToDo() {
    Model network = network(false, new Adam(0.01));
    ramp().build().attachTo(network);
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));

    assertThatThrownBy(() -> wrapper.fit(batches(8, 1)))
        .hasStackTraceContaining("ParallelPruning.attachTo");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Model network = network(false, new Adam(0.01));
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    PruningListener pruning = ramp().build();
    assertThatThrownBy(() -> ParallelPruning.attachTo(null, pruning))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a wrapper");
    ParallelPruning.attachTo(wrapper, pruning);
    assertThatThrownBy(() -> ParallelPruning.attachTo(wrapper, ramp().build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one pruning listener");
    assertThat(wrapper.getListeners()).hasSize(1);
  }

  @Test
  void whatAWrapperLeavesBehindIsReplaced() {
    MultiLayerNetwork network = (MultiLayerNetwork) network(false, new Adam(0.01));
    PruningListener pruning = ramp().build();
    ParallelWrapper first = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(first, pruning);
    first.fit(batches(4, 1));
    assertThatThrownBy(() -> ramp().build().attachTo(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one pruning listener");

    pruning.attachTo(network);
    assertThat(network.getListeners()).containsExactly(pruning);
    List<Integer> updates = new ArrayList<>();
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            updates.add(event.iteration());
          }
        });
    network.fit(batches(4, 1));
    assertThat(updates).doesNotHaveDuplicates().isNotEmpty();

    ParallelWrapper second = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(second, pruning);
    second.fit(batches(4, 1));
    ParallelWrapper third = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(third, pruning);
    assertThat(third.getListeners()).hasSize(1);
    third.fit(batches(16, 1));
    assertThat(SparsityReport.of(network).sparsity()).isCloseTo(FINAL, within(0.01));
    assertThat(updates).doesNotHaveDuplicates();
  }

  @Test
  void noCheckpointIsWrittenOfAReplica(@TempDir Path folder) throws Exception {
    Model network = network(false, new Adam(0.01));
    PruningListener pruning = ramp().build();
    network.addListeners(
        PruningCheckpointListener.builder(folder, pruning).everyIterations(2).build());
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    ParallelPruning.attachTo(wrapper, pruning);
    wrapper.fit(batches(8, 1));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
    PruningCheckpoint.save(network, pruning, folder.resolve("between.zip"));
    assertThat(PruningCheckpoint.load(folder.resolve("between.zip")).network().params())
        .isEqualTo(network.params());
  }

  @Test
  void truncatedBackpropagationIsRefused() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(4).build())
                .layer(new RnnOutputLayer.Builder().nIn(4).nOut(2).build())
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(5)
                .build());
    network.init();
    ParallelWrapper wrapper = wrapper(network, new Setting(TrainingMode.AVERAGING, 1, 2, false));
    assertThatThrownBy(() -> ParallelPruning.attachTo(wrapper, ramp().build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one iteration for each batch");
    assertThat(wrapper.getListeners()).isEmpty();
  }
}
