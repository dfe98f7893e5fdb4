package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Matrix;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A matrix in the form that takes the fewest bytes: all its elements, or for each row the number of
 * its weights that are not zero, and for each of these its distance from the one before.
 *
 * @param positions how columns are stored
 * @param rows the number of weights of each row or, for rows that are read at random, where each
 *     row begins and the last one ends; empty if all elements are stored
 * @param gaps the distances, all rows one after the other; the largest number of its width means
 *     that many columns without a weight
 * @param stored which elements of the matrix have values
 * @param values the values
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record PackedMatrix(Positions positions, int[] rows, int[] gaps, int[] stored, CodedValues values) {

  /** How columns are stored. */
  enum Positions {
    /** They are not: all elements are stored. */
    NONE(0),
    /** Distances of one byte. */
    GAPS_8(8),
    /** Distances of two bytes. */
    GAPS_16(16);

    private final int bits;

    Positions(int bits) {
      this.bits = bits;
    }

    int bits() {
      return bits;
    }

    /** Returns the distance that stands for columns without a weight. */
    int skip() {
      return (1 << bits) - 1;
    }
  }

  /**
   * Packs a matrix.
   *
   * @param format how weights are stored; floats are taken if they are smaller
   * @param atRandom whether single rows are read
   */
  static PackedMatrix of(Matrix matrix, WeightFormat format, boolean atRandom) {
    CodedValues values = values(matrix, format);
    return smallest(values, atRandom);
  }

  /** Returns the values of a matrix as they are stored. */
  static CodedValues values(Matrix matrix, WeightFormat format) {
    CodedValues coded = CodedValues.of(matrix, format);
    CodedValues floats = CodedValues.floats(matrix);
    return smallest(floats, false).bytes() < smallest(coded, false).bytes() ? floats : coded;
  }

  private static PackedMatrix smallest(CodedValues values, boolean atRandom) {
    return Arrays.stream(Positions.values())
        .flatMap(positions -> packed(values, positions, atRandom).stream())
        .min(Comparator.comparingLong(PackedMatrix::bytes))
        .orElseThrow();
  }

  private static Optional<PackedMatrix> packed(
      CodedValues values, Positions positions, boolean atRandom) {
    Matrix matrix = values.decoded();
    int all = matrix.values().length;
    if (positions == Positions.NONE) {
      int[] stored = IntStream.range(0, all).toArray();
      CodedValues complete = values.hasZero() ? values : values.withZero();
      return complete.table().length > 256 && complete.kind() == CodedValues.Kind.SHARED
          ? Optional.empty()
          : Optional.of(new PackedMatrix(positions, new int[0], new int[0], stored, complete));
    }
    int[] counts = new int[matrix.rows()];
    IntStream.Builder gaps = IntStream.builder();
    IntStream.Builder stored = IntStream.builder();
    boolean skips = false;
    for (int i = 0, next = 0; i < all; i++) {
      int row = i / matrix.columns();
      next = i % matrix.columns() == 0 ? i : next;
      if (matrix.values()[i] != 0f) {
        int gap = i - next;
        for (; gap >= positions.skip(); gap -= positions.skip()) {
          gaps.add(positions.skip());
          skips = true;
        }
        gaps.add(gap);
        stored.add(i);
        counts[row]++;
        next = i;
      }
    }
    if (skips && atRandom) {
      return Optional.empty(); // a row would not begin at the same place of both lists
    }
    int[] rows = atRandom ? starts(counts) : counts;
    return Optional.of(
        new PackedMatrix(
            positions, rows, gaps.build().toArray(), stored.build().toArray(), values));
  }

  private static int[] starts(int... counts) {
    int[] starts = new int[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      starts[i + 1] = starts[i] + counts[i];
    }
    return starts;
  }

  /** Returns whether a gap has more than one number. */
  boolean hasSkips() {
    return gaps.length > stored.length;
  }

  /** Returns the bits of a number of {@link #rows}. */
  int rowBits() {
    int most = Arrays.stream(rows).max().orElse(0);
    return most < 1 << Byte.SIZE ? Byte.SIZE : most < 1 << Short.SIZE ? Short.SIZE : Integer.SIZE;
  }

  /** Returns the bytes of all tables. */
  long bytes() {
    return (long) rows.length * rowBits() / Byte.SIZE
        + (long) gaps.length * positions.bits() / Byte.SIZE
        + values.bytes(stored.length);
  }
}
