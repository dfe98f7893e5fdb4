package io.github.dl4jpruning.examples.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kind of a file by its first bytes, whatever its name. */
enum ModelFile {
  /** A model saved by DL4J, or a checkpoint. */
  ZIP("a zip", "PK\u0003\u0004"),
  /** A compact file. */
  COMPACT("a compact file", "DL4JCOMP"),
  /** The output of {@code PruningListener.writeState}. */
  STATE("the state of a listener, without its network", "DL4JPRUN"),
  /** A model saved by Keras. */
  HDF5("a Keras file (HDF5); DL4J's KerasModelImport reads it", "\u0089HDF"),
  /** A gzipped file. */
  GZIP("a gzipped file; unpack it first", "\u001f\u008b"),
  /** An empty file. */
  EMPTY("an empty file", ""),
  /** Any other file. */
  OTHER("a file that begins like neither", "");

  private static final int LONGEST = 8;

  private final String found;

  /** One character per byte. */
  private final String begin;

  ModelFile(String found, String begin) {
    this.found = found;
    this.begin = begin;
  }

  /** Returns the kind in words. */
  String found() {
    return found;
  }

  /** Returns the kind of a file. */
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
