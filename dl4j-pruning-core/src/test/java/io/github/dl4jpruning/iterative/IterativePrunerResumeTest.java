package io.github.dl4jpruning.iterative;

import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.change;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.everything;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.network;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.points;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.pruner;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.trained;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.training;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The directory of an iterative pruner, and runs that are killed: they go on to the same bits, and
 * the files of other runs are left alone.
 */
class IterativePrunerResumeTest {

  @TempDir Path folder;

  /** Ends a run at a chosen iteration, as if it had been killed there. */
  private static final class Killer extends BaseTrainingListener {
    private int left;

    Killer(int iterations) {
      this.left = iterations;
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      if (left-- == 0) {
        throw new UnsupportedOperationException("killed");
      }
    }
  }

  static Stream<Arguments> runs() {
    return Stream.of(
        Arguments.of("fine-tuning", change(b -> b.maxScoreDrop(.2).rampEpochs(1).updateEvery(1))),
        Arguments.of("taken back", change(b -> b.maxScoreDrop(0.0).targets(.5, .98))),
        Arguments.of("rewinding", change(b -> b.retraining(Retraining.weightRewinding(1)))),
        Arguments.of(
            "rate rewinding", change(b -> b.retraining(Retraining.learningRateRewinding(1)))),
        Arguments.of(
            "distillation",
            change(b -> b.distillation(.5, 2.0).criterion(ImportanceCriterion.movement()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("runs")
  void aRunThatIsKilledAnywhereEndsInTheSameBits(
      String name, UnaryOperator<IterativePruner.Builder> change) throws IOException {
    UnaryOperator<IterativePruner.Builder> all = b -> change.apply(b.denseEpochs(2));
    MultiLayerNetwork undisturbed = network();
    Nd4j.getRandom().setSeed(5);
    IterativePruningResult expected = all.apply(pruner()).build().prune(undisturbed, shuffling());
    Random random = new Random(3);
    for (int run = 0; run < 6; run++) {
      Path directory = folder.resolve(name + run);
      MultiLayerNetwork network;
      IterativePruningResult result = null;
      int kills = 0;
      do {
        network = network();
        network.addListeners(new Killer(1 + random.nextInt(20) + 10 * kills));
        Nd4j.getRandom().setSeed(5);
        try {
          result = all.apply(pruner()).directory(directory).build().prune(network, shuffling());
        } catch (UnsupportedOperationException e) {
          kills++;
        }
      } while (result == null);

      assertThat(kills).isPositive();
      assertThat(everything(network)).isEqualTo(everything(undisturbed));
      assertThat(result.toJson()).isEqualTo(expected.toJson());
      // And once more, when all is done.
      MultiLayerNetwork again = network();
      assertThat(
              all.apply(pruner()).directory(directory).build().prune(again, shuffling()).toJson())
          .isEqualTo(expected.toJson());
      assertThat(everything(again)).isEqualTo(everything(undisturbed));
    }
  }

  /** Comes in another order after each reset. */
  private static DataSetIterator shuffling() {
    return new ListDataSetIterator<>(points(1, 48).asList(), 12) {
      private final List<DataSet> points = new ArrayList<>(points(1, 48).asList());
      private final Random random = new Random(9);
      private int at;

      @Override
      public synchronized boolean hasNext() {
        return at < points.size();
      }

      @Override
      public synchronized DataSet next() {
        at += 12;
        return DataSet.merge(points.subList(at - 12, at));
      }

      @Override
      public synchronized void reset() {
        at = 0;
        if (points != null) {
          java.util.Collections.shuffle(points, random);
        }
      }
    };
  }

  @Test
  void theNetworksOfAcceptedRoundsStay() throws IOException {
    MultiLayerNetwork network = trained();
    IterativePruningResult result = pruner().directory(folder).build().prune(network, training());

    try (Stream<Path> files = Files.list(folder)) {
      List<Path> rounds =
          files.filter(f -> f.getFileName().toString().startsWith("round-")).sorted().toList();
      assertThat(rounds).hasSize(2);
      for (int i = 0; i < 2; i++) {
        MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(rounds.get(i).toFile());
        assertThat(zeros(loaded)).isEqualTo(result.rounds().get(i).sparsity());
      }
    }
  }

  @Test
  void aFolderOfAnotherRunIsRefused() throws IOException {
    pruner().directory(folder).build().prune(trained(), training());

    assertThatThrownBy(
            () -> pruner().targets(.4).directory(folder).build().prune(trained(), training()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("targets 0.4")
        .hasMessageContaining("targets 0.5, 0.8");
  }

  @Test
  void afterAFailureTheNetworkIsGoodAndFree() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);
    Killer killer = new Killer(6);
    network.addListeners(killer);

    assertThatThrownBy(() -> pruner().build().prune(network, training()))
        .hasMessageContaining("killed");

    assertThat(everything(network)).isEqualTo(before);
    network.setListeners();
    assertThat(pruner().build().prune(network, training()).complete()).isTrue();
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    Path own = Files.writeString(folder.resolve("mine.zip"), "mine");

    pruner().directory(folder).build().prune(trained(), training());

    assertThat(own).hasContent("mine");
    assertThatThrownBy(
            () -> pruner().runName("seed 2").directory(folder).build().prune(trained(), training()))
        .hasMessageContaining("seed 2");
  }
}
