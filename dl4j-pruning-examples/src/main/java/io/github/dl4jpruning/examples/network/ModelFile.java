package io.github.dl4jpruning.examples.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a file is by its first bytes; its name says nothing. */
enum ModelFile {
  /** What DL4J has saved, and a checkpoint. */
  ZIP("a zip", "PK\u0003\u0004"),
  /** A compact file. */
  COMPACT("a compact file", "DL4JCOMP"),
  /** What {@code PruningListener.writeState} has written. */
  STATE("the state of a listener, without its network", "DL4JPRUN"),
  /** What Keras has saved. */
  HDF5("a file of Keras (HDF5); KerasModelImport of DL4J reads it", "\u0089HDF"),
  /** A file that was packed once more. */
  GZIP("a gzipped file; unpack it first", "\u001f\u008b"),
  /** Nothing. */
  EMPTY("an empty file", ""),
  /** Something else. */
  OTHER("a file that begins like neither of them", "");

  private static final int LONGEST = 8;

  private final String found;

  /** A letter for each byte. */
  private final String begin;

  ModelFile(String found, String begin) {
    this.found = found;
    this.begin = begin;
  }

  /** In words. */
  String found() {
    return found;
  }

  /** Looks at a file. */
  static ModelFile of(Path file) throws IOException {
    String first;
    try (InputStream in = Files.newInputStream(file)) {
      first = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
    }
    if (first.isEmpty()) {
      return EMPTY;
    }
    for (ModelFile kind : values()) {
      if (!kind.begin.isEmpty() && first.startsWith(kind.begin)) {
        return kind;
      }
    }
    return OTHER;
  }
}
