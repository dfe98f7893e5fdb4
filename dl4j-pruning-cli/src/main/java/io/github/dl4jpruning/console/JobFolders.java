package io.github.dl4jpruning.console;

import io.github.dl4jpruning.io.FolderLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The folders that the job of this thread holds exclusively until it ends. Two jobs that write to
 * one folder would mistake each other's files for their own.
 */
public final class JobFolders {

  private static final ThreadLocal<Map<Path, FolderLock>> HELD =
      ThreadLocal.withInitial(HashMap::new);

  private JobFolders() {}

  /** Locks a folder, unless this job already holds it. */
  static void take(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (!HELD.get().containsKey(real)) {
      HELD.get().put(real, FolderLock.of(folder));
    }
  }

  /** Releases all folders, at the end of a job. */
  public static void release() {
    try {
      for (FolderLock lock : HELD.get().values()) {
        lock.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove();
    }
  }
}
