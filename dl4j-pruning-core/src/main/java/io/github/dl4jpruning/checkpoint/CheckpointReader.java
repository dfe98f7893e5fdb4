package io.github.dl4jpruning.checkpoint;

import static io.github.dl4jpruning.checkpoint.PruningCheckpoint.COEFFICIENTS;
import static io.github.dl4jpruning.checkpoint.PruningCheckpoint.CONFIGURATION;
import static io.github.dl4jpruning.checkpoint.PruningCheckpoint.PRUNING;
import static io.github.dl4jpruning.checkpoint.PruningCheckpoint.UPDATER_STATE;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.CheckpointHeader.Entry;
import io.github.dl4jpruning.checkpoint.CheckpointHeader.Kind;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.io.PruningStateStream.Selection;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RandomState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;

/**
 * Reads one checkpoint.
 *
 * @param zip the open file
 * @param fileSize its size in bytes
 */
record CheckpointReader(ZipFile zip, long fileSize) {

  /** The most bytes of a configuration, which is text and parsed as a whole. */
  private static final long LONGEST_CONFIGURATION = 64L << 20;

  /** Deflate never compresses by more than this factor. */
  private static final long BEST_DEFLATION = 1_100;

  PruningCheckpoint read(@Nullable PruningListener given, boolean changes) throws IOException {
    ZipEntry own = zip.getEntry(PRUNING);
    if (own == null) {
      throw new IOException(
          "expected a checkpoint with the entry "
              + PRUNING
              + ", but it has none; a network without pruning state is loaded by ModelSerializer,"
              + " and PruningListener.adoptZeros takes its zeros as masks");
    }
    try (InputStream in = zip.getInputStream(own)) {
      CheckpointHeader header = CheckpointHeader.read(in);
      header.entries().forEach(this::checkSize);
      Entry parameters = only(header, COEFFICIENTS);
      Model network =
          NetworkMaker.create(
              header.kind() == Kind.COMPUTATION_GRAPH,
              new String(whole(only(header, CONFIGURATION)), StandardCharsets.UTF_8),
              parameters.length());
      if (NetworkStore.hasUpdaterState(network)) {
        only(header, UPDATER_STATE);
      }
      for (Entry entry : header.entries()) {
        readInto(network, entry);
      }
      PruningListener pruning = given != null ? given : listener(header.recipe());
      if (changes) {
        pruning.resumeWithChanges(
            network, possible -> PruningStateStream.read(in, possible, Selection.SOME));
      } else {
        pruning.resume(network, expected -> PruningStateStream.read(in, expected));
      }
      pruning.applyMasks(); // in a file written by another program, removed weights may be non-zero
      if (header.constraintsPending()) {
        NetworkStore.applyConstraints(network);
      }
      new RandomState(header.randomRoot(), header.randomNode()).restore();
      return new PruningCheckpoint(network, pruning);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static PruningListener listener(String recipe) throws IOException {
    if (recipe.isEmpty()) {
      throw new IOException(
          "the pruning configuration has user-defined parts, which a file does not hold;"
              + " use load(file, listener) with a listener of the same configuration");
    }
    try {
      return PruningListener.of(PruningConfig.fromYaml(recipe));
    } catch (IllegalArgumentException e) {
      throw new IOException("the pruning configuration cannot be read: " + e.getMessage(), e);
    }
  }

  /** Rejects a length that the file cannot hold. */
  private void checkSize(Entry entry) {
    boolean known = List.of(CONFIGURATION, COEFFICIENTS, UPDATER_STATE).contains(entry.name());
    long most =
        entry.name().equals(CONFIGURATION) ? LONGEST_CONFIGURATION : fileSize * BEST_DEFLATION;
    ZipEntry present = known ? zip.getEntry(entry.name()) : null;
    if (present == null || entry.length() < 0 || entry.length() > most) {
      throw new UncheckedIOException(
          new IOException(
              "expected the entry "
                  + entry.name()
                  + " with "
                  + entry.length()
                  + " bytes, but "
                  + (present == null ? "there is none" : "the file cannot hold that many")));
    }
  }

  private static Entry only(CheckpointHeader header, String name) throws IOException {
    List<Entry> found =
        header.entries().stream().filter(entry -> entry.name().equals(name)).toList();
    if (found.size() != 1) {
      throw new IOException("expected one entry " + name + ", but found " + found.size());
    }
    return found.get(0);
  }

  private byte[] whole(Entry entry) throws IOException {
    try (Verified in = new Verified(entry)) {
      byte[] bytes = in.stream.readNBytes((int) entry.length());
      in.verify();
      return bytes;
    }
  }

  private void readInto(Model network, Entry entry) throws IOException {
    if (entry.name().equals(COEFFICIENTS)) {
      try (Verified in = new Verified(entry)) {
        NetworkStore.readParameters(network, in.stream);
        in.verify();
      }
    } else if (entry.name().equals(UPDATER_STATE)) {
      try (Verified in = new Verified(entry)) {
        NetworkStore.readUpdaterState(network, in.stream);
        in.verify();
      }
    }
  }

  /** An entry whose length and checksum are compared with the header. */
  private final class Verified implements AutoCloseable {
    private final Entry entry;
    private final CheckedInputStream stream;

    Verified(Entry entry) throws IOException {
      this.entry = entry;
      this.stream =
          new CheckedInputStream(zip.getInputStream(zip.getEntry(entry.name())), new CRC32());
    }

    void verify() throws IOException {
      long rest = stream.skip(1L << 20);
      if (rest > 0 || stream.getChecksum().getValue() != entry.checksum()) {
        throw new IOException(
            "the entry "
                + entry.name()
                + " is damaged: expected the checksum "
                + Long.toHexString(entry.checksum())
                + ", but found "
                + Long.toHexString(stream.getChecksum().getValue()));
      }
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
