package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.io.WholeFile;
import io.github.dl4jpruning.model.RandomState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The file {@code run.json} in a directory, with the state of a run in rounds. It is replaced
 * atomically, so that a run can be killed at any moment.
 */
public final class RunFile {

  private static final String NAME = "run.json";

  /** 2: the form of the settings differs from that of snapshots before the first release. */
  private static final int VERSION = 2;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final String settings;

  /**
   * Makes the directory if it does not exist.
   *
   * @param directory a folder for one run alone
   * @param settings everything that affects the result of the run
   * @throws IOException if the directory cannot be made
   */
  public RunFile(Path directory, String settings) throws IOException {
    this.directory = directory;
    this.settings = settings;
    Files.createDirectories(directory);
  }

  /**
   * Returns the directory.
   *
   * @return a folder for this run alone
   */
  public Path directory() {
    return directory;
  }

  /**
   * Returns whether a run was saved.
   *
   * @return true if the file exists
   */
  public boolean exists() {
    return Files.exists(directory.resolve(NAME));
  }

  /**
   * Starts the content of the file with the version and the settings.
   *
   * @return an object to add to
   */
  public ObjectNode begin() {
    return JSON.createObjectNode().put("version", VERSION).put("settings", settings);
  }

  /**
   * Replaces the file.
   *
   * @param root its content, from {@link #begin}
   * @throws IOException if it cannot be written
   */
  public void write(ObjectNode root) throws IOException {
    byte[] text = root.toPrettyString().getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(directory.resolve(NAME), out -> out.write(text));
  }

  /**
   * Reads the file.
   *
   * @return its content
   * @throws IOException if it cannot be read, or belongs to another run
   */
  public JsonNode read() throws IOException {
    Path file = directory.resolve(NAME);
    JsonNode root;
    try {
      root = JSON.readTree(WholeFile.read(file));
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": expected the state of a run, but it is damaged", e);
    }
    if (root.path("version").asInt() != VERSION) {
      throw new IOException(
          file + ": expected version " + VERSION + ", but found " + root.path("version"));
    }
    String found = root.path("settings").asText();
    if (!found.equals(settings)) {
      throw new IOException(
          directory
              + ": expected a run with the settings ("
              + settings
              + "), but found one with ("
              + found
              + "); name another directory, or delete this one");
    }
    return root;
  }

  /**
   * Returns the path of a file of the run.
   *
   * @param name its name, as read from the file
   * @return its path
   * @throws IOException if the name leads out of the directory
   */
  public Path resolve(String name) throws IOException {
    Path named = directory.getFileSystem().getPath(name);
    if (!name.equals(String.valueOf(named.getFileName()))) {
      throw new IOException(
          directory + ": expected the name of a file in this directory, but found " + name);
    }
    return directory.resolve(name);
  }

  /**
   * Writes a random state.
   *
   * @param root the content of the file
   * @param random the state
   */
  public static void put(ObjectNode root, RandomState random) {
    root.putObject("random").put("root", random.root()).put("node", random.node());
  }

  /**
   * Reads a random state.
   *
   * @param root the content of the file
   * @return the state
   */
  public static RandomState random(JsonNode root) {
    JsonNode random = root.path("random");
    return new RandomState(random.path("root").asLong(), random.path("node").asLong());
  }
}
