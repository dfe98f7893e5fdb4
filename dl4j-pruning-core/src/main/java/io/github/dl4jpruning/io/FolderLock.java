package io.github.dl4jpruning.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps a second job out of a folder that a job writes to: two runs in one folder would take their
 * files for each other's. The lock ends when it is closed, and with the process, however that ends.
 */
public final class FolderLock implements AutoCloseable {

  /** The file that is locked; it stays, since to delete it would let two jobs in. */
  public static final String NAME = ".lock";

  /** Of this process: the system's locks are those of a process as a whole. */
  private static final Set<Path> HELD = new HashSet<>();

  /** Null for a lock of nothing. */
  private final Path folder;

  /** Null where files cannot be locked. */
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes a folder for one job.
   *
   * @param folder the folder, made if it is not there; null to take nothing
   * @return the lock, to be closed when the job ends
   * @throws IOException if another job has the folder, or it cannot be made
   */
  public static FolderLock of(Path folder) throws IOException {
    if (folder == null) {
      return new FolderLock(null, null);
    }
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

  private static FileChannel lockedChannel(Path folder) throws IOException {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw taken(folder);
      }
      return channel; // which holds the lock
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw taken(folder);
    } catch (UnsupportedOperationException e) {
      // A file system of this process alone, for instance in memory.
      if (channel != null) {
        channel.close();
      }
      return null;
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
          channel.close();
        }
      }
    }
  }
}
