package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import io.github.dl4jpruning.tune.SweepTraining.Trained;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a sweep that wait at a rung. A resumed run has the same bits as one that was never
 * paused.
 *
 * <p>With a directory, each run is a {@link PruningCheckpoint} there, and none is in memory.
 * Without a directory, the parameters, updater state and pruning state of each run are in memory:
 * with Adam 12 bytes per parameter of type FLOAT, one bit per weight for masks, and 8 bytes per
 * weight for a criterion with memory.
 */
final class SweepPauses {

  /** Null to keep everything in memory. */
  private final @Nullable Path directory;

  private final Map<Integer, Paused> inMemory = new ConcurrentHashMap<>();

  private record Paused(
      int epochs, NetworkSnapshot snapshot, PruningState pruning, RandomState random) {}

  SweepPauses(Optional<Path> directory) {
    this.directory = directory.orElse(null);
  }

  private static Path file(Path directory, int number, int epochs) {
    return directory.resolve(String.format(Locale.ROOT, "run-%03d-epoch-%d.zip", number, epochs));
  }

  /** Saves a run of a setting. Called by the thread that trained it. */
  void pause(int number, int epochs, Trained run) throws IOException {
    PruningListener pruning = run.pruning().orElseThrow(); // the run without pruning has no rungs
    if (directory != null) {
      PruningCheckpoint.save(run.network(), pruning, file(directory, number, epochs));
    } else {
      inMemory.put(
          number,
          new Paused(
              epochs, NetworkSnapshot.of(run.network()), pruning.state(), RandomState.now()));
    }
  }

  /**
   * Restores a paused run, and the state of ND4J's random generator in this thread.
   *
   * @param copies makes a network with the configuration of the dense one
   */
  Trained resume(int number, int epochs, Setting setting, Supplier<Model> copies)
      throws IOException {
    PruningListener pruning = PruningListener.of(setting.pruning());
    if (directory != null) {
      return new Trained(
          PruningCheckpoint.load(file(directory, number, epochs), pruning).network(),
          Optional.of(pruning));
    }
    Paused paused =
        Objects.requireNonNull(inMemory.get(number), "only a run that was paused is resumed");
    Model network = copies.get();
    if (!Double.isNaN(setting.learningRate())) {
      NetworkStore.setLearningRate(network, setting.learningRate());
    }
    paused.snapshot().restoreTo(network);
    pruning.resume(network, expected -> paused.pruning());
    paused.random().restore();
    return new Trained(network, Optional.of(pruning));
  }

  /** Deletes the run that was paused after the given number of epochs, if there is one. */
  void forget(int number, int epochs) throws IOException {
    if (directory != null) {
      Files.deleteIfExists(file(directory, number, epochs));
    } else {
      inMemory.computeIfPresent(number, (key, now) -> now.epochs() == epochs ? null : now);
    }
  }
}
