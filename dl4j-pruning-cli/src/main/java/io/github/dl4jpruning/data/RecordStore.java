package io.github.dl4jpruning.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Keeps decoded samples in memory if they are few, and in a file otherwise. */
final class RecordStore {

  /** The part of the heap that decoded samples may take. */
  private static final int PART_OF_HEAP = 8;

  private static final double SPARE = 1.1;

  private RecordStore() {}

  /**
   * Decodes all samples.
   *
   * @param key tells the content, for the name of the file
   * @param cache a folder for the file; empty for none
   * @throws IOException if a sample cannot be decoded, or the file cannot be written
   */
  static IntFunction<byte[]> of(
      int count,
      int length,
      String key,
      Optional<Path> cache,
      Consumer<String> notes,
      RecordFile.Source source)
      throws IOException {
    long bytes = (long) count * length;
    if (bytes <= Runtime.getRuntime().maxMemory() / PART_OF_HEAP) {
      byte[][] all = new byte[count][];
      for (int i = 0; i < count; i++) {
        all[i] = source.record(i);
      }
      return i -> all[i];
    }
    Optional<Path> to = cache.map(folder -> folder.resolve(key + ".samples"));
    if (to.isPresent() && (Files.exists(to.get()) || hasRoom(cache.orElseThrow(), bytes))) {
      Path file = to.get();
      if (!Files.exists(file)) {
        notes.accept(
            String.format(
                Locale.ROOT, "decoding %,d samples once, into %s (%,d bytes)", count, file, bytes));
      }
      return RecordFile.open(file, count, length, source)::record;
    }
    notes.accept(
        String.format(
            Locale.ROOT,
            "no room for %,d bytes of decoded samples, so they are decoded in each epoch",
            bytes));
    return i -> {
      try {
        return source.record(i);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static boolean hasRoom(Path folder, long bytes) throws IOException {
    Files.createDirectories(folder);
    return Files.getFileStore(folder).getUsableSpace() > SPARE * bytes;
  }
}
