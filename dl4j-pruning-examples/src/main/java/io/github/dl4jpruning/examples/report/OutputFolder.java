package io.github.dl4jpruning.examples.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

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
   * Makes the folder if it is not there, and tries whether it can be written, so that a long run
   * does not fail at its end.
   *
   * @param path the folder
   * @return the folder
   * @throws IOException if it cannot be made or written
   */
  public static OutputFolder open(Path path) throws IOException {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, ".probe", null));
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          path + ": expected a folder to write to, but there is a file of that name", e);
    } catch (IOException e) {
      throw new IOException(
          path
              + ": expected a folder to write to, but "
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage(),
          e);
    }
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
    Path temporary = Files.createTempFile(path, "." + name, ".part");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
          OutputStream out = Channels.newOutputStream(channel)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return target;
  }
}
