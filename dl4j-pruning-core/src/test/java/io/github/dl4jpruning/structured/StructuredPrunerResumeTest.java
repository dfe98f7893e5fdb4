package io.github.dl4jpruning.structured;

import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.data;
import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.pruner;
import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.trained;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A structured pruner that is killed goes on to the same bits, and the files of another run are
 * refused.
 */
class StructuredPrunerResumeTest {

  /** Batches that come in another order after each reset. */
  private static final class Shuffled extends ListDataSetIterator<DataSet> {
    private static final long serialVersionUID = 1;
    private final Random random = new Random(3);
    private final List<DataSet> batches;
    private int next;

    Shuffled(List<DataSet> batches) {
      super(batches, 16);
      this.batches = new ArrayList<>(batches);
      next = batches.size();
    }

    static Shuffled of(DataSetIterator data) {
      List<DataSet> batches = new ArrayList<>();
      data.forEachRemaining(batches::add);
      return new Shuffled(batches);
    }

    @Override
    public synchronized boolean hasNext() {
      return next < batches.size();
    }

    @Override
    public synchronized DataSet next() {
      return batches.get(next++);
    }

    @Override
    public synchronized void reset() {
      Collections.shuffle(batches, random);
      next = 0;
    }
  }

  /** Stands for the process that is killed. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static StructuredPruner.Builder saved(Path folder) {
    return pruner()
        .criterion(ImportanceCriterion.taylor())
        .distillation(0.5, 1.0)
        .targetMacs(0.2)
        .rounds(3)
        .directory(folder);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 6})
  void shouldEndWithTheSameBitsWhenItIsKilledAndGoesOn(int epoch, @TempDir Path folder)
      throws IOException {
    MultiLayerNetwork network = trained();
    StructuredPruningResult<MultiLayerNetwork> whole =
        saved(folder.resolve("whole")).build().prune(network, Shuffled.of(data(1)));
    int[] epochs = {0};
    IterativePruningListener killer =
        new IterativePruningListener() {
          @Override
          public void onEpoch(EpochDone event) {
            epochs[0]++;
            if (epochs[0] == epoch) {
              throw new Killed();
            }
          }
        };
    Path killed = folder.resolve("killed");
    assertThatThrownBy(
            () -> saved(killed).addListener(killer).build().prune(network, Shuffled.of(data(1))))
        .isInstanceOf(Killed.class);
    List<PruningRound> told = new ArrayList<>();

    StructuredPruningResult<MultiLayerNetwork> result =
        saved(killed)
            .addListener(
                new IterativePruningListener() {
                  @Override
                  public void onRound(PruningRound round) {
                    told.add(round);
                  }
                })
            .build()
            .prune(network, Shuffled.of(data(1)));

    assertThat(result.rounds()).isEqualTo(whole.rounds()).hasSize(3);
    assertThat(told).hasSize(3 - (epoch - 1) / 2);
    assertThat(result.network().params()).isEqualTo(whole.network().params());
    assertThat(result.network().getUpdater().getStateViewArray())
        .isEqualTo(whole.network().getUpdater().getStateViewArray());
    assertThat(Files.exists(killed.resolve("round-03.zip"))).isTrue();

    // A run that is at its end is not run again.
    StructuredPruningResult<MultiLayerNetwork> again =
        saved(killed).build().prune(network, Shuffled.of(data(1)));
    assertThat(again.network().params()).isEqualTo(whole.network().params());
    assertThat(again.complete()).isTrue();
  }

  @Test
  void shouldRefuseTheFilesOfAnotherRun(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = trained();
    saved(folder).build().prune(network, data(1));
    MultiLayerNetwork other = network.clone();
    other.params().muli(1.5);

    assertThatThrownBy(() -> saved(folder).rounds(2).build().prune(network, data(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a run with the settings");
    assertThatThrownBy(() -> saved(folder).runName("seed 2").build().prune(network, data(1)))
        .hasMessageContaining("seed 2");
    assertThatThrownBy(() -> saved(folder).build().prune(other, data(1)))
        .hasMessageContaining("parameters");
    Files.writeString(folder.resolve("round-03.zip"), "no zip");
    assertThatThrownBy(() -> saved(folder).build().prune(network, data(1)))
        .isInstanceOf(IOException.class);
    Files.writeString(folder.resolve("run.json"), "{");
    assertThatThrownBy(() -> saved(folder).build().prune(network, data(1)))
        .hasMessageContaining("it is damaged");
  }
}
