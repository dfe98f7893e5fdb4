package io.github.dl4jpruning.examples.report;

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
 * The folder that a run leaves its files in. A file is written under a temporary name, synced, and
 * moved into place, so that there is never half of one.
 *
 * @param path the folder
 */
public record OutputFolder(Path path) {

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes.
     *
     * @param out where to; closed by the caller
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Makes the folder if it is not there, takes it for this job alone, and tries whether the files
   * can be written, so that a long run does not fail at its end.
   *
   * @param path the folder
   * @param names the files that will be written
   * @return the folder
   * @throws IOException if it cannot be made or written, another job writes to it, or something
   *     else than a file has one of the names
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
   * Writes a file whole, in place of one of the same name.
   *
   * @param name the file's name
   * @param content its content
   * @return the file
   * @throws IOException if it cannot be written; a file that was there before is then still there
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

  /** A name of our own and not createTempFile, whose files nobody else may read. */
  private static Path temporary(Path folder, String name) {
    return folder.resolve("." + name + "." + UUID.randomUUID() + ".part");
  }

  /**
   * What lies behind an exception says more than it: a picture that cannot be written hides why.
   */
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
