package io.github.dl4jpruning.data;

import io.github.dl4jpruning.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Records of equal length in a file. The system keeps what fits of it in memory, so a heap need not
 * hold it.
 */
final class RecordFile {

  private final FileChannel channel;
  private final Path file;
  private final int length;

  private RecordFile(FileChannel channel, Path file, int length) {
    this.channel = channel;
    this.file = file;
    this.length = length;
  }

  /** Gives the record at a position. */
  @FunctionalInterface
  interface Source {
    byte[] record(int position) throws IOException;
  }

  /**
   * Opens a file, and writes it first if it is not there. Its name must tell its content.
   *
   * @throws IOException if a record cannot be made, or the file cannot be written
   */
  static RecordFile open(Path file, int count, int length, Source source) throws IOException {
    if (!Files.exists(file) || Files.size(file) != (long) count * length) {
      AtomicFile.write(
          file,
          out -> {
            for (int i = 0; i < count; i++) {
              out.write(source.record(i));
            }
          });
    }
    return new RecordFile(FileChannel.open(file, StandardOpenOption.READ), file, length);
  }

  byte[] record(int position) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    try {
      long begin = (long) position * length;
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, begin + bytes.position()) < 0) {
          throw new IOException(
              file + ": expected " + length + " bytes at " + begin + ", but the file ends");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.array();
  }
}
