package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.api.Model;

/**
 * Checkpoints on any file system that Hadoop knows. Each is a {@link PruningCheckpoint}, written
 * under a temporary name and then renamed. Its name holds the position: {@code
 * epoch-3-round-0017-of-0040.zip} has all rounds before that one.
 */
final class SparkCheckpoints {

  private static final Pattern NAME = Pattern.compile("epoch-(\\d+)-round-(\\d+)-of-(\\d+)\\.zip");
  private static final int KEPT = 2;

  private final FileSystem files;
  private final Path folder;

  /**
   * Opens a folder; it is made when something is saved.
   *
   * @param folder a URI, such as {@code hdfs://host/run} or {@code file:/run}
   * @param configuration Hadoop's
   * @throws IOException if the file system cannot be reached
   */
  SparkCheckpoints(String folder, Configuration configuration) throws IOException {
    this.folder = new Path(folder);
    this.files = this.folder.getFileSystem(configuration);
  }

  /**
   * A point between two rounds.
   *
   * @param epoch the epoch, 0-based
   * @param round the next round of the epoch, 0-based
   * @param rounds the number of rounds of an epoch
   */
  record Position(int epoch, int round, int rounds) implements Comparable<Position> {
    private String file() {
      return String.format(
          java.util.Locale.ROOT, "epoch-%d-round-%04d-of-%04d.zip", epoch, round, rounds);
    }

    static Optional<Position> of(String file) {
      Matcher name = NAME.matcher(file);
      return name.matches()
          ? Optional.of(
              new Position(
                  Integer.parseInt(name.group(1)),
                  Integer.parseInt(name.group(2)),
                  Integer.parseInt(name.group(3))))
          : Optional.empty();
    }

    @Override
    public int compareTo(Position other) {
      return Comparator.comparingInt(Position::epoch)
          .thenComparingInt(Position::round)
          .compare(this, other);
    }
  }

  /** Returns the last position that was saved; empty if there is none. */
  Optional<Position> last() throws IOException {
    return positions().stream().max(Comparator.naturalOrder());
  }

  private List<Position> positions() throws IOException {
    List<Position> found = new ArrayList<>();
    if (files.exists(folder)) {
      for (FileStatus file : files.listStatus(folder)) {
        Position.of(file.getPath().getName()).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Saves a network and removes older files, but for the one before. */
  void save(Model network, PruningListener pruning, Position position) throws IOException {
    java.nio.file.Path local = Files.createTempFile("checkpoint", ".zip");
    try {
      PruningCheckpoint.save(network, pruning, local);
      Path temporary = new Path(folder, position.file() + ".part");
      files.mkdirs(folder);
      files.copyFromLocalFile(false, true, new Path(local.toUri()), temporary);
      Path target = new Path(folder, position.file());
      files.delete(target, false);
      if (!files.rename(temporary, target)) {
        throw new IOException(
            "expected to rename " + temporary + " to " + target + ", but could not");
      }
    } finally {
      Files.deleteIfExists(local);
    }
    List<Position> all = new ArrayList<>(positions());
    all.sort(Comparator.reverseOrder());
    for (Position old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      files.delete(new Path(folder, old.file()), false);
    }
  }

  /**
   * Loads a network into a listener.
   *
   * @throws IOException if the file is damaged or of something else
   * @throws IllegalArgumentException if the run had another configuration
   */
  Model load(Position position, PruningListener pruning) throws IOException {
    java.nio.file.Path local = Files.createTempFile("checkpoint", ".zip");
    try {
      files.copyToLocalFile(
          false, new Path(folder, position.file()), new Path(local.toUri()), true);
      return PruningCheckpoint.load(local, pruning).network();
    } finally {
      Files.deleteIfExists(local);
    }
  }
}
