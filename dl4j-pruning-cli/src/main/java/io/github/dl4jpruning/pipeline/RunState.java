package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.io.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The folder with the state of a run's steps. It belongs to one run: what another run left there is
 * deleted, or refused if this run is to go on with it.
 *
 * @param folder the folder
 * @param identity everything that decides the outcome
 */
record RunState(Path folder, String identity) {

  /** The name of the folder, inside that of the results. */
  static final String NAME = "state";

  private static final String SETTINGS = "settings.txt";

  /**
   * Begins a run, or goes on.
   *
   * @param model the file of the model, which must not lie inside
   * @param resume whether to go on with the state in the folder
   * @throws IOException if the state is that of another run, or the model would be deleted
   */
  void begin(Path model, boolean resume) throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (resume && Files.exists(file)) {
      String found = WholeFile.text(file);
      if (!found.equals(identity)) {
        throw new IOException(
            folder
                + ": expected the state of a run with ("
                + identity
                + "), but found one with ("
                + found
                + "); leave --resume out, or name another --output");
      }
      return;
    }
    if (Files.isDirectory(folder)) {
      if (!Files.exists(file) && !isEmpty()) {
        throw new IOException(
            folder
                + ": expected the state of a run, or an empty folder, but found other files; name"
                + " another --output");
      }
      if (model.toRealPath().startsWith(folder.toRealPath())) {
        throw new IOException(
            model
                + ": expected a model outside of "
                + folder
                + ", which this run clears; name another --output");
      }
      clear();
    }
    AtomicFile.write(file, to -> to.write(identity.getBytes(StandardCharsets.UTF_8)));
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Says how to go on if the process is interrupted. */
  Interruption hint() {
    return Interruption.say(
        "interrupted; all steps so far are in "
            + folder
            + "; the same command with --resume continues");
  }
}
