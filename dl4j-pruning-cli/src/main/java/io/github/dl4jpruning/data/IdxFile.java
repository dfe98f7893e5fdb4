package io.github.dl4jpruning.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file in the IDX format of MNIST with unsigned bytes, gzipped or not.
 *
 * @param sizes the size of each axis; the first counts the items
 * @param items the bytes of each item
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
record IdxFile(int[] sizes, byte[][] items) {

  private static final int UNSIGNED_BYTES = 8;
  private static final int MOST_AXES = 4;

  /** Keeps a broken header from filling the memory. */
  private static final int MOST_ITEMS = 10_000_000;

  private static final int MOST_BYTES = 1 << 24;

  /**
   * Reads a file.
   *
   * @throws IOException if it is not such a file, or it is truncated; the message names it
   */
  static IdxFile read(Path file) throws IOException {
    boolean zipped = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream plain = zipped ? new GZIPInputStream(raw, 1 << 16) : raw) {
      DataInputStream in = new DataInputStream(plain);
      IdxFile read = read(file, in);
      if (in.read() >= 0) {
        throw new IOException(
            file + ": expected the file to end after " + read.sizes[0] + " items, but it goes on");
      }
      return read;
    } catch (EOFException e) {
      throw new IOException(
          file + ": expected as many bytes as the header says, but the file is truncated", e);
    } catch (ZipException e) {
      throw new IOException(file + ": expected a gzip file, but " + e.getMessage(), e);
    }
  }

  private static IdxFile read(Path file, DataInputStream in) throws IOException {
    int magic = in.readInt();
    int axes = magic & 0xFF;
    if (magic >>> 16 != 0
        || (magic >> 8 & 0xFF) != UNSIGNED_BYTES
        || axes < 1
        || axes > MOST_AXES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected an IDX file of unsigned bytes, but it begins with %08x",
              file,
              magic));
    }
    int[] sizes = new int[axes];
    long each = 1;
    for (int i = 0; i < axes; i++) {
      sizes[i] = in.readInt();
      each *= i == 0 ? 1 : sizes[i];
      if (sizes[i] < 1 || sizes[0] > MOST_ITEMS || each > MOST_BYTES) {
        throw new IOException(
            file + ": expected sizes of 1 or more that fit into memory, but found " + sizes[i]);
      }
    }
    byte[][] items = new byte[sizes[0]][];
    for (int i = 0; i < items.length; i++) {
      items[i] = in.readNBytes((int) each); // allocates no more than there is
      if (items[i].length < each) {
        throw new EOFException();
      }
    }
    return new IdxFile(sizes, items);
  }
}
