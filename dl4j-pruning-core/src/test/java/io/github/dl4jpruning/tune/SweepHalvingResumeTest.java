package io.github.dl4jpruning.tune;

import static io.github.dl4jpruning.tune.SweepHalvingFixtures.SETTINGS;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.batches;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.checkpoints;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.expected;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.full;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.halved;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.loss;
import static io.github.dl4jpruning.tune.SweepHalvingFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Sweeps that stop bad settings early, on several threads, in a directory, or killed on the way:
 * the result is the same.
 */
class SweepHalvingResumeTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void neitherThreadsNorADirectoryChangeTheResult(int threads) throws IOException {
    SweepResult expected = expected();

    assertThat(run(halved().threads(threads))).isEqualTo(expected);
    assertThat(run(halved().threads(threads).directory(folder))).isEqualTo(expected);
    assertThat(checkpoints(folder)).isEmpty();
    assertThat(run(halved().threads(threads).directory(folder))).isEqualTo(expected);
  }

  @Test
  void aGraphThatDropsActivationsGoesOnToTheSameBits() throws IOException {
    SweepResult full = full().build().run(dropout(), () -> batches());
    SweepResult inMemory = halved().build().run(dropout(), () -> batches());
    SweepResult onDisk = halved().directory(folder).build().run(dropout(), () -> batches());

    assertThat(inMemory.runs().stream().filter(run -> !run.stopped()))
        .hasSize(2)
        .allMatch(full.runs()::contains);
    assertThat(onDisk).isEqualTo(inMemory);
  }

  private static ComputationGraph dropout() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Adam(0.02))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "hidden",
                    new DenseLayer.Builder()
                        .nIn(7)
                        .nOut(12)
                        .activation(Activation.TANH)
                        .dropOut(0.7)
                        .build(),
                    "in")
                .addLayer("out", new OutputLayer.Builder().nIn(12).nOut(3).build(), "hidden")
                .setOutputs("out")
                .build());
    Nd4j.getRandom().setSeed(7);
    graph.init();
    return graph;
  }

  /** Throws after so many scores, wherever that is. */
  private static ScheduleSweep.Builder killed(ScheduleSweep.Builder sweep, int scores) {
    AtomicInteger made = new AtomicInteger();
    return sweep.halvingScore(
        () -> {
          if (made.incrementAndGet() > scores) {
            throw new UnsupportedOperationException("killed");
          }
          return loss();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 12, 13})
  void aSweepThatWasKilledGoesOnToTheSameResult(int scores) throws IOException {
    SweepResult expected = expected();
    assertThatThrownBy(() -> run(killed(halved().threads(2).directory(folder), scores)))
        .hasMessageContaining("killed");
    // A checkpoint that was being written.
    Files.writeString(folder.resolve("run-001-epoch-9.zip.tmp"), "half of i");

    assertThat(run(halved().threads(2).directory(folder))).isEqualTo(expected);
    assertThat(checkpoints(folder)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 8, 9})
  void aSweepThatIsKilledWhileItTellsGoesOnToo(int told) throws IOException {
    SweepResult expected = expected();
    assertThatThrownBy(
            () ->
                run(
                    halved()
                        .directory(folder)
                        .onRun(
                            (run, done, all) -> {
                              if (done == told) {
                                throw new UnsupportedOperationException("killed");
                              }
                            })))
        .hasMessageContaining("killed");

    List<Integer> all = new ArrayList<>();
    SweepResult result =
        run(halved().directory(folder).onRun((run, done, count) -> all.add(run.number())));

    assertThat(result).isEqualTo(expected);
    assertThat(all).hasSize(SETTINGS + 1).doesNotHaveDuplicates();
  }

  @Test
  void aDirectoryOfAnotherHalvingIsRefused() throws IOException {
    run(halved().directory(folder));

    assertThatThrownBy(() -> run(full().directory(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a sweep with the same settings");
    assertThatThrownBy(() -> run(full().halving(3, 1).directory(folder)))
        .hasMessageContaining("expected a sweep with the same settings");
  }
}
