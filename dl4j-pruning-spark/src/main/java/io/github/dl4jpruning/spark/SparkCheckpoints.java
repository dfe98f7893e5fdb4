package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
  private static final String JOB = "job.txt";
  private static final int KEPT = 2;

  /** Characters of a difference before the place where it begins. */
  private static final int SHOWN = 40;

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

  /**
   * Makes sure that the folder is of the same job. The first job writes what it is.
   *
   * @param job a line for each thing that must be the same
   * @throws IllegalArgumentException if another job has written the folder
   */
  void requireSameJob(String job) throws IOException {
    Path file = new Path(folder, JOB);
    if (files.exists(file)) {
      String before;
      try (InputStream in = files.open(file)) {
        before = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (!before.equals(job)) {
        throw new IllegalArgumentException(
            "checkpoints must be a folder of this job, but "
                + folder
                + " is of one with "
                + difference(before.lines().toList(), job.lines().toList()));
      }
      return;
    }
    if (!positions().isEmpty()) {
      throw new IllegalArgumentException(
          "expected " + file + " beside the checkpoints, but it is missing");
    }
    files.mkdirs(folder);
    Path temporary = new Path(folder, JOB + ".part");
    try (OutputStream out = files.create(temporary, true)) {
      out.write(job.getBytes(StandardCharsets.UTF_8));
    }
    rename(temporary, file);
  }

  private static String difference(List<String> before, List<String> now) {
    for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
      if (!before.get(i).equals(now.get(i))) {
        int at = 0;
        while (before.get(i).startsWith(now.get(i).substring(0, at + 1))) {
          at++;
        }
        int from = Math.max(0, at - SHOWN);
        return cut(before.get(i), from) + " in place of " + cut(now.get(i), from);
      }
    }
    return "other settings";
  }

  private static String cut(String line, int from) {
    return "'" + line.substring(from, Math.min(line.length(), from + 3 * SHOWN)) + "'";
  }

  /** Returns the positions that were saved, the last one first. */
  List<Position> positions() throws IOException {
    List<Position> found = new ArrayList<>();
    if (files.exists(folder)) {
      for (FileStatus file : files.listStatus(folder)) {
        Position.of(file.getPath().getName()).ifPresent(found::add);
      }
    }
    found.sort(Comparator.reverseOrder());
    return found;
  }

  private void rename(Path from, Path to) throws IOException {
    files.delete(to, false);
    if (!files.rename(from, to)) {
      throw new IOException("expected to rename " + from + " to " + to + ", but could not");
    }
  }

  /** Saves a network and removes older files, but for the one before. */
  void save(Model network, PruningListener pruning, Position position) throws IOException {
    java.nio.file.Path local = Files.createTempFile("checkpoint", ".zip");
    try {
      PruningCheckpoint.save(network, pruning, local);
      Path temporary = new Path(folder, position.file() + ".part");
      files.mkdirs(folder);
      files.copyFromLocalFile(false, true, new Path(local.toUri()), temporary);
      rename(temporary, new Path(folder, position.file()));
    } finally {
      Files.deleteIfExists(local);
    }
    List<Position> all = positions();
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
