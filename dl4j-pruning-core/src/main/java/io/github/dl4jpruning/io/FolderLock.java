package io.github.dl4jpruning.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second job out of a folder that a job writes to, because two runs in one folder would mix
 * up their files. The lock is released when it is closed, or when the process ends for any reason.
 */
public final class FolderLock implements AutoCloseable {

  /** The locked file; deleted when the lock is closed. */
  public static final String NAME = ".lock";

  private static final int ATTEMPTS = 100;

  /** The folders locked by this process, because system locks belong to the whole process. */
  private static final Set<Path> HELD = new HashSet<>();

  /** Null if nothing is locked. */
  private final @Nullable Path folder;

  /** Null if files cannot be locked. */
  private final @Nullable FileChannel channel;

  private FolderLock(@Nullable Path folder, @Nullable FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks a folder for one job.
   *
   * @param folder the folder, created if missing
   * @return the lock, to close when the job ends
   * @throws IOException if another job holds the folder, or it cannot be created
   */
  public static FolderLock of(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path real = folder.toRealPath();
    synchronized (HELD) {
      if (HELD.contains(real)) {
        throw taken(folder);
      }
      FolderLock lock = new FolderLock(real, lockedChannel(folder));
      HELD.add(real);
      return lock;
    }
  }

  /**
   * Locks a folder for one job, if the job has one.
   *
   * @param folder the folder, created if missing; empty to lock nothing
   * @return the lock, to close when the job ends
   * @throws IOException if another job holds the folder, or it cannot be created
   */
  public static FolderLock of(Optional<Path> folder) throws IOException {
    return folder.isPresent() ? of(folder.get()) : new FolderLock(null, null);
  }

  /** Returns null if files cannot be locked, for instance on an in-memory file system. */
  private static @Nullable FileChannel lockedChannel(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
      try {
        if (channel.tryLock() == null) {
          channel.close();
          throw taken(folder);
        }
        if (isStillThere(file, channel)) {
          return channel; // which holds the lock
        }
        channel.close(); // the job that held the folder has deleted the file in the meantime
      } catch (OverlappingFileLockException e) {
        channel.close();
        throw taken(folder);
      } catch (UnsupportedOperationException e) {
        channel.close();
        Files.deleteIfExists(file);
        return null;
      }
    }
    throw taken(folder);
  }

  /**
   * Returns whether the locked file still has its name: a mark written to the channel must be
   * readable by name.
   */
  private static boolean isStillThere(Path file, FileChannel channel) throws IOException {
    byte[] mark = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(mark), 0);
    try {
      return Arrays.equals(Files.readAllBytes(file), mark);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static IOException taken(Path folder) {
    return new IOException(
        folder
            + ": expected a folder that no other job writes to, but found one that does; wait for"
            + " its end and resume, or name another folder");
  }

  @Override
  public void close() throws IOException {
    if (folder != null) {
      synchronized (HELD) {
        HELD.remove(folder);
        if (channel != null) {
          Files.deleteIfExists(folder.resolve(NAME)); // while no other job can hold it
          channel.close();
        }
      }
    }
  }
}
