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
 * Writes a file so that under its name there is always a whole one: the old, or the new. Several
 * threads and processes may write the same name at the same time; the last one to finish wins.
 *
 * <p>Each writer has a temporary file of its own, and holds a lock on it while it writes. A process
 * that dies leaves its temporary file; the system gives up the lock, and the next write to the same
 * name deletes what is old and not locked.
 */
public final class AtomicFile {

  /** What a temporary file ends with; before it stand the name of the file and a number. */
  public static final String TEMPORARY = ".tmp";

  /** A temporary file that was written to within this time belongs to a writer that lives. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** Where files cannot be locked, only a temporary file as old as this is taken for left over. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private static final int NAME_ATTEMPTS = 100;
  private static final int BUFFER = 1 << 16;

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes.
     *
     * @param out where to; not to be closed
     * @throws IOException if it cannot be written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes the content of a file, and has something to say of it.
   *
   * @param <T> what it says
   */
  @FunctionalInterface
  public interface ContentWithResult<T> {
    /**
     * Writes.
     *
     * @param out where to; not to be closed
     * @return what there is to say
     * @throws IOException if it cannot be written
     */
    T writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file: to a temporary name beside it, synced to the disk, and renamed.
   *
   * @param file the file, on any file system; its folder is made if it is not there
   * @param content what to write
   * @throws IOException if it cannot be written; the message names the file, and what stood under
   *     the name still does
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
   * As {@link #write}, and returns what the content has to say.
   *
   * @param <T> what it says
   * @param file the file
   * @param content what to write
   * @return what the content returned
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
      throw e; // it names its file
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
        // Between the end of the lock and the new name, nobody may take it for left over.
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
      // A file system inside a zip, for instance, which is written as a whole when it is closed.
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Whether a name is that of a temporary file.
   *
   * @param name the name of a file, without its folder
   * @param target matches the names of the files that it may be for
   * @return true if it is left over from one of them, or being written
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
   * Deletes the temporary files of writers that are gone.
   *
   * @param folder where to look
   * @param targets matches the names of the files that were being written
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
      return false; // renamed or deleted meanwhile, or not ours to delete
    }
  }

  /** So that the new name survives a loss of power; not every system lets a folder be opened. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException | UnsupportedOperationException e) {
      // The content is on the disk; where the system cannot sync a folder, it sees to it itself.
    }
  }

  /**
   * The lock of a file, as far as there is one.
   *
   * @param lock null if another holds it, or files cannot be locked
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
