package io.github.dl4jpruning.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes files atomically: the name always refers to a complete file, either the old or the new
 * one. Several threads and processes may write to the same name at the same time; the last to
 * finish wins.
 *
 * <p>Each writer has its own temporary file and holds a lock on it while writing. If a process
 * dies, its temporary file remains and the system releases the lock. The next write to the same
 * name deletes old temporary files that are not locked.
 */
public final class AtomicFile {

  /** The suffix of a temporary file, after the name of the file and a number. */
  public static final String TEMPORARY = ".tmp";

  /** A temporary file modified within this time belongs to a live writer. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** If files cannot be locked, only a temporary file of at least this age counts as left over. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private static final int NAME_ATTEMPTS = 100;
  private static final int BUFFER = 1 << 16;

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the content.
     *
     * @param out the destination; must not be closed
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes the content of a file and returns a result.
   *
   * @param <T> the type of the result
   */
  @FunctionalInterface
  public interface ContentWithResult<T> {
    /**
     * Writes the content.
     *
     * @param out the destination; must not be closed
     * @return the result
     * @throws IOException if it cannot be written
     */
    T writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file: to a temporary name beside it, which is synced to disk and renamed.
   *
   * @param file the file, on any file system; its folder is created if missing
   * @param content the content
   * @throws IOException if it cannot be written; the message names the file, and an existing file
   *     is unchanged
   */
  public static void write(Path file, Content content) throws IOException {
    boolean written =
        writeAndGet(
            file,
            out -> {
              content.writeTo(out);
              return true;
            });
    assert written;
  }

  /**
   * Like {@link #write}, but returns the result of the content.
   *
   * @param <T> the type of the result
   * @param file the file
   * @param content the content
   * @return the result of the content
   * @throws IOException if it cannot be written
   */
  public static <T> T writeAndGet(Path file, ContentWithResult<T> content) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    Path name = target.getFileName();
    if (folder == null || name == null) {
      throw new IOException(file + ": expected the name of a file, but found a folder");
    }
    try {
      Files.createDirectories(folder);
      deleteLeftOver(folder, Pattern.compile(Pattern.quote(name.toString())));
      return writeAndMove(target, folder, content);
    } catch (FileSystemException e) {
      throw e; // its message names the file
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(file + ":")
          ? e
          : new IOException(file + ": expected to write it, but found: " + message, e);
    }
  }

  private static <T> T writeAndMove(Path target, Path folder, ContentWithResult<T> content)
      throws IOException {
    Path temporary = null;
    boolean done = false;
    try {
      T result;
      temporary = newTemporary(target);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
          Lock lock = Lock.of(channel)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        result = content.writeTo(out);
        out.flush();
        channel.force(true);
        // Between the release of the lock and the rename, the file must not count as left over.
        Files.setLastModifiedTime(temporary, FileTime.from(Instant.now()));
      }
      move(temporary, target);
      done = true;
      syncFolder(folder);
      return result;
    } finally {
      if (!done && temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static Path newTemporary(Path target) throws IOException {
    for (int attempt = 0; ; attempt++) {
      String number = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
      Path temporary = target.resolveSibling(target.getFileName() + "." + number + TEMPORARY);
      try {
        return Files.createFile(temporary);
      } catch (FileAlreadyExistsException e) {
        if (attempt == NAME_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException | UnsupportedOperationException e) {
      // For instance a zip file system, which is written as a whole when it is closed.
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Returns whether a name is that of a temporary file.
   *
   * @param name the name of a file, without its folder
   * @param target matches the names of the target files
   * @return true for a temporary file of a target, whether left over or being written
   */
  public static boolean isTemporary(String name, Pattern target) {
    if (!name.endsWith(TEMPORARY)) {
      return false;
    }
    String rest = name.substring(0, name.length() - TEMPORARY.length());
    int number = rest.lastIndexOf('.');
    return target.matcher(rest).matches()
        || (number > 0 && target.matcher(rest.substring(0, number)).matches());
  }

  /**
   * Deletes the temporary files of dead writers.
   *
   * @param folder the folder to search
   * @param targets matches the names of the target files
   * @throws IOException if the folder cannot be read
   */
  public static void deleteLeftOver(Path folder, Pattern targets) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (isTemporary(file.getFileName().toString(), targets) && isLeftOver(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isLeftOver(Path temporary) {
    try {
      Instant written = Files.getLastModifiedTime(temporary).toInstant();
      Duration age = Duration.between(written, Instant.now());
      if (age.compareTo(FRESH) < 0) {
        return false;
      }
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
          Lock lock = Lock.of(channel)) {
        return lock.isHeld() || (!lock.isPossible() && age.compareTo(ABANDONED) > 0);
      }
    } catch (IOException e) {
      return false; // renamed or deleted in the meantime, or not ours to delete
    }
  }

  /** Makes the rename survive a power loss. Not every system can open a folder. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException | UnsupportedOperationException e) {
      // The content is on disk. A system that cannot sync folders handles renames itself.
    }
  }

  /**
   * The lock of a file, if there is one.
   *
   * @param lock null if another writer holds it, or files cannot be locked
   * @param isPossible whether files can be locked here
   */
  private record Lock(@Nullable FileLock lock, boolean isPossible) implements AutoCloseable {

    static Lock of(FileChannel channel) {
      try {
        return new Lock(channel.tryLock(), true);
      } catch (OverlappingFileLockException e) {
        return new Lock(null, true); // another thread of this process
      } catch (IOException | UnsupportedOperationException e) {
        return new Lock(null, false);
      }
    }

    boolean isHeld() {
      return lock != null;
    }

    @Override
    public void close() throws IOException {
      if (lock != null) {
        lock.release();
      }
    }
  }
}
