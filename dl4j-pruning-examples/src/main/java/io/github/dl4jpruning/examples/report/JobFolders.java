package io.github.dl4jpruning.examples.report;

import io.github.dl4jpruning.io.FolderLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The folders that the job of this thread has for itself until it ends: two jobs that write to one
 * would take each other's files for their own.
 */
public final class JobFolders {

  private static final ThreadLocal<Map<Path, FolderLock>> HELD =
      ThreadLocal.withInitial(HashMap::new);

  private JobFolders() {}

  /** Takes a folder, unless this job has it already. */
  static void take(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (!HELD.get().containsKey(real)) {
      HELD.get().put(real, FolderLock.of(folder));
    }
  }

  /** Gives back all folders, at the end of a job. */
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
