package io.github.dl4jpruning.console;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The folder for the files of a run. A file is written under a temporary name, synced, and moved
 * into place, so that no file is ever incomplete.
 *
 * @param path the folder
 */
public record OutputFolder(Path path) {

  /** The folder inside for decoded samples that do not fit into memory. */
  public static final String CACHE = "cache";

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the content.
     *
     * @param out the destination; closed by the caller
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Creates the folder if needed, locks it for this job, and checks that the files can be written,
   * so that a long run does not fail at its end.
   *
   * @param path the folder
   * @param names the files that will be written
   * @return the folder
   * @throws IOException if the folder cannot be created or written, another job writes to it, or
   *     one of the names is taken by something other than a file
   */
  public static OutputFolder open(Path path, String... names) throws IOException {
    try {
      Files.createDirectories(path);
      Path probe = temporary(path, "probe");
      Files.createFile(probe);
      Files.delete(probe);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          path + ": expected a folder to write to, but there is a file of that name", e);
    } catch (IOException e) {
      throw cannot("a folder to write to", path, e);
    }
    for (String name : names) {
      if (Files.exists(path.resolve(name)) && !Files.isRegularFile(path.resolve(name))) {
        throw new IOException(
            path.resolve(name)
                + ": expected a file or nothing, but there is a folder of that name");
      }
    }
    JobFolders.take(path);
    return new OutputFolder(path);
  }

  /**
   * Writes a complete file, in place of any file with the same name.
   *
   * @param name the file's name
   * @param content its content
   * @return the file
   * @throws IOException if it cannot be written; an existing file is then kept
   */
  public Path write(String name, Content content) throws IOException {
    Path target = path.resolve(name);
    Path temporary = temporary(path, name);
    try {
      try (FileChannel channel =
              FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannot("to write it", target, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return target;
  }

  /** Returns a temporary name. Files of createTempFile would be readable by their owner only. */
  private static Path temporary(Path folder, String name) {
    return folder.resolve("." + name + "." + UUID.randomUUID() + ".part");
  }

  /** Reports the root cause: the exception for a chart that cannot be written hides the reason. */
  private static IOException cannot(String expected, Path path, IOException cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new IOException(
        path
            + ": expected "
            + expected
            + ", but found "
            + root.getClass().getSimpleName()
            + ": "
            + root.getMessage(),
        cause);
  }
}
