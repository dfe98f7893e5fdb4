package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * The non-zero weights of a layer, by rows: row r holds the weights of output r, and a column is an
 * input (in a convolution, an input channel at one place of the kernel).
 */
final class SparseMatrix {

  final int rows;
  final int columns;

  /** Where each row begins, and where the last one ends. */
  final int[] starts;

  /** The column of each weight. */
  final int[] indices;

  final float[] values;

  SparseMatrix(int rows, int columns, int[] starts, int[] indices, float[] values) {
    this.rows = rows;
    this.columns = columns;
    this.starts = starts;
    this.indices = indices;
    this.values = values;
  }

  /** Returns the number of weights of a row. */
  int length(int row) {
    return starts[row + 1] - starts[row];
  }

  int nonZeros() {
    return values.length;
  }

  /** Returns the fraction of entries that are not zero, 0 to 1. */
  double density() {
    return (double) values.length / ((double) rows * columns);
  }

  /** Returns the same weights by columns. */
  SparseMatrix transposed() {
    int[] begins = new int[columns + 1];
    for (int column : indices) {
      begins[column + 1]++;
    }
    for (int c = 0; c < columns; c++) {
      begins[c + 1] += begins[c];
    }
    int[] next = Arrays.copyOf(begins, columns);
    int[] outputs = new int[values.length];
    float[] weights = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int k = starts[r]; k < starts[r + 1]; k++) {
        int at = next[indices[k]]++;
        outputs[at] = r;
        weights[at] = values[k];
      }
    }
    return new SparseMatrix(columns, rows, begins, outputs, weights);
  }

  /** Returns this matrix and another matrix with the same number of rows, side by side. */
  SparseMatrix beside(SparseMatrix other) {
    int[] begins = new int[rows + 1];
    int[] columnsOf = new int[values.length + other.values.length];
    float[] weights = new float[columnsOf.length];
    int at = 0;
    for (int r = 0; r < rows; r++) {
      for (int k = starts[r]; k < starts[r + 1]; k++) {
        columnsOf[at] = indices[k];
        weights[at++] = values[k];
      }
      for (int k = other.starts[r]; k < other.starts[r + 1]; k++) {
        columnsOf[at] = columns + other.indices[k];
        weights[at++] = other.values[k];
      }
      begins[r + 1] = at;
    }
    return new SparseMatrix(rows, columns + other.columns, begins, columnsOf, weights);
  }

  /** Returns the columns that hold a weight, in ascending order. */
  int[] usedColumns() {
    boolean[] used = new boolean[columns];
    int count = 0;
    for (int column : indices) {
      count += used[column] ? 0 : 1;
      used[column] = true;
    }
    int[] found = new int[count];
    int at = 0;
    for (int c = 0; c < columns; c++) {
      if (used[c]) {
        found[at++] = c;
      }
    }
    return found;
  }
}
