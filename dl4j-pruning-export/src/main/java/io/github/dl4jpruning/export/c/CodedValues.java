package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.codec.Clusters;
import io.github.dl4jpruning.export.Matrix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The weights of a matrix as numbers of a few bits.
 *
 * @param kind how a number stands for a weight
 * @param codes a number for each element of the matrix; for floats, nothing
 * @param table a scale for each row, or the shared values
 * @param decoded the weights that the numbers stand for
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record CodedValues(Kind kind, int[] codes, float[] table, Matrix decoded) {

  /** The code of an element that is zero, as long as the shared values do not include zero. */
  static final int ZERO = -1;

  private static final int LARGEST = 127;

  /** How a number stands for a weight. */
  enum Kind {
    /** It is the weight. */
    FLOAT,
    /** A scale of its row, times a whole number of −127 to 127. */
    SCALED,
    /** A place in the table of shared values. */
    SHARED
  }

  static CodedValues of(Matrix matrix, WeightFormat format) {
    return switch (format) {
      case FLOAT -> floats(matrix);
      case EIGHT_BIT -> scaled(matrix);
      case SHARED_16 -> shared(matrix, 4);
      case SHARED_256 -> shared(matrix, 8);
    };
  }

  static CodedValues floats(Matrix matrix) {
    return new CodedValues(Kind.FLOAT, new int[0], new float[0], matrix);
  }

  private static CodedValues scaled(Matrix matrix) {
    int[] codes = new int[matrix.values().length];
    float[] decoded = new float[codes.length];
    float[] scales = new float[matrix.rows()];
    for (int row = 0; row < scales.length; row++) {
      float most = 0f;
      for (int c = 0; c < matrix.columns(); c++) {
        most = Math.max(most, Math.abs(matrix.at(row, c)));
      }
      scales[row] = most / LARGEST;
      // Weights of units that decay can be so small that their scale loses its digits.
      boolean zero = scales[row] < Float.MIN_NORMAL;
      for (int i = row * matrix.columns(); i < (row + 1) * matrix.columns() && !zero; i++) {
        int code = Math.round(matrix.values()[i] / scales[row]);
        codes[i] = Math.max(-LARGEST, Math.min(LARGEST, code));
        decoded[i] = scales[row] * codes[i];
      }
    }
    return new CodedValues(Kind.SCALED, codes, scales, like(matrix, decoded));
  }

  private static CodedValues shared(Matrix matrix, int bits) {
    float[] values = matrix.values();
    double[] kept =
        IntStream.range(0, values.length)
            .mapToDouble(i -> values[i])
            .filter(w -> w != 0.0)
            .toArray();
    if (kept.length == 0) {
      return floats(matrix);
    }
    Clusters clusters = Clusters.of(kept, bits);
    float[] table = new float[clusters.size()];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) clusters.centroid(i);
    }
    int[] codes = new int[values.length];
    float[] decoded = new float[values.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = values[i] == 0f ? ZERO : clusters.codeOf(values[i]);
      decoded[i] = values[i] == 0f ? 0f : table[codes[i]];
    }
    return new CodedValues(Kind.SHARED, codes, table, like(matrix, decoded));
  }

  private static Matrix like(Matrix matrix, float[] values) {
    return new Matrix(matrix.rows(), matrix.columns(), values);
  }

  /** Returns the bits of a weight in a table of C. */
  int bits() {
    return switch (kind) {
      case FLOAT -> Float.SIZE;
      case SCALED -> Byte.SIZE;
      case SHARED -> table.length <= 16 ? 4 : Byte.SIZE;
    };
  }

  /** Returns whether every element has a number, zeros too. */
  boolean hasZero() {
    return kind != Kind.SHARED || Arrays.stream(codes).noneMatch(code -> code == ZERO);
  }

  /** Returns shared values that include zero. */
  CodedValues withZero() {
    float[] longer = Arrays.copyOf(table, table.length + 1);
    int[] all = Arrays.stream(codes).map(code -> code == ZERO ? table.length : code).toArray();
    return new CodedValues(kind, all, longer, decoded);
  }

  /** Returns the bytes of some weights, and of the table. */
  long bytes(long weights) {
    return (weights * bits() + Byte.SIZE - 1) / Byte.SIZE + (long) Float.BYTES * table.length;
  }
}
