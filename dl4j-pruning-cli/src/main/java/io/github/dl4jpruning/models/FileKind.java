package io.github.dl4jpruning.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kind of a file by its first bytes, whatever its name. */
public enum FileKind {
  /** A model saved by DL4J, or a checkpoint. */
  ZIP("a model saved by DL4J", "PK\u0003\u0004"),
  /** A compact file. */
  COMPACT("a compact file", "DL4JCOMP"),
  /** A model saved by Keras 2. */
  KERAS("a Keras file (HDF5)", "\u0089HDF\r\n\u001a\n"),
  /** A file for {@code dl4j-pruning-runtime}, which has no layers to train. */
  RUNTIME("a runtime file, which only runs", "DL4JRUNS"),
  /** The output of {@code PruningListener.writeState}. */
  STATE("the state of a listener, without its network", "DL4JPRUN"),
  /** A gzipped file. */
  GZIP("a gzipped file; unpack it first", "\u001f\u008b"),
  /** An empty file. */
  EMPTY("an empty file", ""),
  /** Any other file. */
  OTHER("a file of another kind", "");

  private static final int LONGEST = 8;

  private final String found;

  /** One character per byte. */
  private final String begin;

  FileKind(String found, String begin) {
    this.found = found;
    this.begin = begin;
  }

  /**
   * Returns the kind in words.
   *
   * @return a phrase for a message or a table
   */
  public String title() {
    return found;
  }

  /**
   * Returns the kind of a file.
   *
   * @param file a file, on any file system
   * @return its kind
   * @throws IOException if it cannot be read
   */
  public static FileKind of(Path file) throws IOException {
    String first;
    try (InputStream in = Files.newInputStream(file)) {
      first = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
    }
    if (first.isEmpty()) {
      return EMPTY;
    }
    for (FileKind kind : values()) {
      if (!kind.begin.isEmpty() && first.startsWith(kind.begin)) {
        return kind;
      }
    }
    return OTHER;
  }
}
