package io.github.dl4jpruning.checkpoint;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint.Moment;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.watch.ReplicaLeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves a {@link PruningCheckpoint} at intervals during training, and keeps the last few.
 *
 * <pre>{@code
 * pruning.attachTo(network);
 * network.addListeners(
 *     PruningCheckpointListener.builder(folder, pruning).everyEpochs(1).keepLast(3).build());
 * }</pre>
 *
 * <p>The files are named {@code checkpoint-<iterations>.zip}, with nine digits. A file is written
 * as a whole or not at all, and an older one is deleted only after a newer one is on disk.
 */
public final class PruningCheckpointListener extends BaseTrainingListener {

  private static final Logger log = LoggerFactory.getLogger(PruningCheckpointListener.class);

  private static final Pattern NAME = Pattern.compile("checkpoint-\\d{9,10}\\.zip");

  private final Path folder;
  private final PruningListener pruning;
  private final int everyIterations;
  private final int everyEpochs;
  private final int keepLast;
  private final Deque<Path> written = new ArrayDeque<>();
  private boolean saidReplicas;
  private boolean checked;

  private PruningCheckpointListener(Builder builder) {
    this.folder = builder.folder;
    this.pruning = builder.pruning;
    this.everyIterations = builder.everyIterations;
    this.everyEpochs = builder.everyEpochs;
    this.keepLast = builder.keepLast;
  }

  /**
   * Starts building a listener.
   *
   * @param folder the folder for the files; created if missing
   * @param pruning the listener that prunes the network
   * @return a builder
   */
  public static Builder builder(Path folder, PruningListener pruning) {
    return new Builder(folder, pruning);
  }

  /**
   * Returns the newest checkpoint in a folder.
   *
   * @param folder the folder; may be missing
   * @return the file with the highest number, if there is one
   * @throws IOException if the folder cannot be read
   */
  public static Optional<Path> latest(Path folder) throws IOException {
    List<Path> all = checkpoints(folder);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  private static List<Path> checkpoints(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  @Override
  public void onEpochStart(Model model) {
    checkCanBeSaved(model);
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    checkCanBeSaved(model);
    if (everyIterations > 0 && (iteration + 1) % everyIterations == 0) {
      save(model, iteration + 1, Moment.AFTER_STEP);
    }
  }

  @Override
  public void onEpochEnd(Model model) {
    if (pruning.isAttachedTo(model)
        && everyEpochs > 0
        && (NetworkParameters.of(model).epoch() + 1) % everyEpochs == 0) {
      save(model, NetworkParameters.of(model).iteration(), Moment.AFTER_EPOCH);
    }
  }

  /** At the start, rejects a network that cannot be saved, before hours of training are lost. */
  private void checkCanBeSaved(Model model) {
    if (!checked && pruning.isAttachedTo(model)) {
      SavedConfiguration.of(model, 0, 0);
      checked = true;
    }
  }

  private void save(Model model, int iterations, Moment moment) {
    if (!pruning.isAttachedTo(model)) {
      return; // a replica, or another network
    }
    if (NetworkParameters.of(model).listeners().stream()
        .anyMatch(ReplicaLeader.class::isInstance)) {
      warnOfReplicas();
      return;
    }
    try {
      Path file = folder.resolve(String.format(Locale.ROOT, "checkpoint-%09d.zip", iterations));
      checkNothingNewer(file);
      PruningCheckpoint.save(model, pruning, file, moment);
      removeOld(file);
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint at iteration " + iterations + " not saved", e);
    }
  }

  private void checkNothingNewer(Path file) throws IOException {
    Optional<Path> latest = written.isEmpty() ? latest(folder) : Optional.empty();
    if (latest.isPresent()
        && latest.get().getFileName().toString().compareTo(file.getFileName().toString()) > 0) {
      throw new IllegalStateException(
          folder
              + ": expected no checkpoint newer than "
              + file.getFileName()
              + ", but found "
              + latest.get().getFileName()
              + " of another run; resume from it, or choose another folder");
    }
  }

  /** Between two averages no single replica is the state that training continues from. */
  private void warnOfReplicas() {
    if (!saidReplicas) {
      saidReplicas = true;
      log.warn(
          "No checkpoints are written while replicas of the network are trained in parallel; call"
              + " PruningCheckpoint.save between two calls of the wrapper's fit, or"
              + " attachTo(network) when it trains alone again.");
    }
  }

  private void removeOld(Path newest) throws IOException {
    if (written.isEmpty()) {
      // Checkpoints of an interrupted run count; its unfinished temporary files are deleted.
      checkpoints(folder).stream().filter(file -> !file.equals(newest)).forEach(written::add);
      AtomicFile.deleteLeftOver(folder, NAME);
    }
    written.remove(newest);
    written.add(newest);
    while (written.size() > keepLast) {
      Files.deleteIfExists(written.remove());
    }
  }

  /** A builder of listeners. Each setter returns the builder. */
  public static final class Builder {
    private final Path folder;
    private final PruningListener pruning;
    private int everyIterations;
    private int everyEpochs;
    private int keepLast = 3;

    private Builder(Path folder, PruningListener pruning) {
      this.folder = folder;
      this.pruning = pruning;
    }

    /**
     * Saves at intervals of iterations.
     *
     * @param iterations iterations between two checkpoints, at least 1
     */
    public Builder everyIterations(int iterations) {
      requirePositive("everyIterations", iterations);
      this.everyIterations = iterations;
      return this;
    }

    /**
     * Saves at the end of epochs.
     *
     * @param epochs epochs between two checkpoints, at least 1
     */
    public Builder everyEpochs(int epochs) {
      requirePositive("everyEpochs", epochs);
      this.everyEpochs = epochs;
      return this;
    }

    /**
     * Sets how many files are kept.
     *
     * @param checkpoints number of checkpoints, at least 1; 3 by default
     */
    public Builder keepLast(int checkpoints) {
      requirePositive("keepLast", checkpoints);
      this.keepLast = checkpoints;
      return this;
    }

    private static void requirePositive(String what, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be 1 or more, but is " + value);
      }
    }

    /**
     * Builds the listener.
     *
     * @return a listener, to be added to the network after the pruning listener
     * @throws IllegalArgumentException if folder or pruning listener is null, or neither interval
     *     is set
     */
    public PruningCheckpointListener build() {
      if (folder == null || pruning == null) {
        throw new IllegalArgumentException(
            "expected a folder and a pruning listener, but found " + folder + " and " + pruning);
      }
      if (everyIterations == 0 && everyEpochs == 0) {
        throw new IllegalArgumentException(
            "everyIterations or everyEpochs must be set, but neither is");
      }
      return new PruningCheckpointListener(this);
    }
  }
}
