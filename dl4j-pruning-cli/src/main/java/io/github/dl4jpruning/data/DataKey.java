package io.github.dl4jpruning.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Tells the files of some data from others, wherever they lie. */
final class DataKey {

  /** How much of a file tells it apart, besides its name and its size. */
  private static final int LARGEST = 1 << 22;

  private final CRC32 content = new CRC32();

  /**
   * Like the content, but with times: tells whether decoded samples are still those of the files.
   */
  private final CRC32 times = new CRC32();

  /** Adds a file. */
  void add(Path file) throws IOException {
    add(String.valueOf(file.getFileName()), file);
  }

  /** Adds a file whose folder is its class. */
  void addInClass(Path file) throws IOException {
    add(file.resolveSibling("").getFileName() + "/" + file.getFileName(), file);
  }

  private void add(String what, Path file) throws IOException {
    String name = what + " " + Files.size(file);
    content.update(name.getBytes(StandardCharsets.UTF_8));
    name += " " + Files.getLastModifiedTime(file);
    times.update(name.getBytes(StandardCharsets.UTF_8));
    try (InputStream in = Files.newInputStream(file)) {
      // Large files have their differences early: pixels, numbers of rows, values.
      byte[] bytes = in.readNBytes(LARGEST);
      content.update(bytes);
      times.update(bytes);
    }
  }

  /** Returns a key that stays the same where data is moved as a whole. */
  String ofContent() {
    return HexFormat.of().toHexDigits(content.getValue(), 8);
  }

  /** Returns a key that changes when a file is written again. */
  String ofTimes() {
    return HexFormat.of().toHexDigits(times.getValue(), 8);
  }
}
