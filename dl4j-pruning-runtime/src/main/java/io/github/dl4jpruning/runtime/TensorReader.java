package io.github.dl4jpruning.runtime;

import io.github.dl4jpruning.runtime.codec.BlockReader;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.runtime.codec.RuntimeFormat;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads tensors and keeps only the elements that are not zero. Whatever a file says, memory is
 * limited to a part of the heap.
 */
final class TensorReader {

  /** The most rows of all tensors of a model together; also the most columns. */
  private static final int MOST_ROWS = 1 << 24;

  /** The most elements of all tensors of a model together, zeros included. */
  private static final long MOST_ELEMENTS = 1L << 32;

  /** The bytes of one weight with its column: twice while an array grows, and once more in use. */
  private static final int BYTES = 32;

  private final long mostWeights = mostWeights();
  private final long[] block = new long[RuntimeFormat.BLOCK];
  private long rows;
  private long columns;
  private long elements;
  private long weights;

  /** Returns the number of weights that fit into this heap. */
  static long mostWeights() {
    return Math.min(1 << 28, Runtime.getRuntime().maxMemory() / BYTES);
  }

  SparseMatrix read(ByteSource bytes) throws IOException {
    int rowCount = (int) bytes.getCount(MOST_ROWS - rows, "a number of rows");
    int columnCount = (int) bytes.getCount(MOST_ROWS - columns, "a number of columns");
    int width = bytes.getByte(RuntimeFormat.FLOAT, "a width");
    if (width != RuntimeFormat.HALF && width != RuntimeFormat.FLOAT) {
      throw bytes.error("expected elements of 2 or 4 bytes, but found " + width);
    }
    long count = (long) rowCount * columnCount;
    rows += rowCount;
    columns += columnCount;
    elements += count;
    if (elements > MOST_ELEMENTS || count == 0) {
      throw bytes.error("expected 1 to 2^32 elements, but found " + elements);
    }
    int[] starts = new int[rowCount + 1];
    int[] indices = new int[16];
    float[] values = new float[16];
    int found = 0;
    int row = 0;
    int column = 0;
    for (long done = 0; done < count; done += RuntimeFormat.BLOCK) {
      int length = (int) Math.min(RuntimeFormat.BLOCK, count - done);
      BlockReader.get(bytes, block, length, width);
      for (int i = 0; i < length; i++) {
        if (block[i] != 0) {
          if (found == values.length) {
            int longer = grown(found, bytes);
            indices = Arrays.copyOf(indices, longer);
            values = Arrays.copyOf(values, longer);
          }
          indices[found] = column;
          values[found++] = value((int) block[i], width);
        }
        if (++column == columnCount) {
          column = 0;
          starts[++row] = found;
        }
      }
    }
    weights += found;
    return new SparseMatrix(
        rowCount, columnCount, starts, Arrays.copyOf(indices, found), Arrays.copyOf(values, found));
  }

  private int grown(int found, ByteSource bytes) throws IOException {
    if (weights + found >= mostWeights) {
      throw bytes.error(
          "expected at most " + mostWeights + " weights for a heap of this size, but found more");
    }
    return (int) Math.min(2L * found, mostWeights - weights);
  }

  private static float value(int bits, int width) {
    return width == RuntimeFormat.FLOAT ? Float.intBitsToFloat(bits) : fromHalf(bits);
  }

  /** Converts a binary16 number (IEEE 754) to a float. */
  private static float fromHalf(int bits) {
    int exponent = (bits >> 10) & 0x1F;
    int mantissa = bits & 0x3FF;
    float size;
    if (exponent == 0x1F) {
      size = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      size = mantissa * 0x1p-24f;
    } else {
      size = Float.intBitsToFloat(((exponent + 112) << 23) | (mantissa << 13));
    }
    return (bits & 0x8000) == 0 ? size : -size;
  }
}
