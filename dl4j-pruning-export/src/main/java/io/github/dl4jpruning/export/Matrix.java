package io.github.dl4jpruning.export;

import java.util.Arrays;

/**
 * A tensor of a plan, by rows. It never changes.
 *
 * @param rows the number of rows
 * @param columns the number of columns
 * @param values the values, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // compared only by identity
public record Matrix(int rows, int columns, float[] values) {

  /** No tensor. */
  static final Matrix NONE = new Matrix(0, 0, new float[0]);

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if the number of values is wrong
   */
  public Matrix {
    if ((long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "expected " + rows + " rows of " + columns + " values, but found " + values.length);
    }
  }

  static Matrix vector(float... values) {
    return new Matrix(1, values.length, values);
  }

  /**
   * Returns whether there are values.
   *
   * @return false for an optional tensor that is missing
   */
  public boolean isPresent() {
    return values.length > 0;
  }

  /**
   * Returns one value.
   *
   * @param row the row, from 0
   * @param column the column, from 0
   * @return the value
   */
  public float at(int row, int column) {
    return values[row * columns + column];
  }

  /**
   * Returns the number of values that are not zero.
   *
   * @return 0 to all
   */
  public int nonZeros() {
    int count = 0;
    for (float value : values) {
      count += value != 0f ? 1 : 0;
    }
    return count;
  }

  /** Returns a copy with each row multiplied by its factor. */
  Matrix scaledByRow(float[] factors) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factors[i / columns];
    }
    return new Matrix(rows, columns, scaled);
  }

  /** Returns a copy with each column multiplied by its factor. */
  Matrix scaledByColumn(float[] factors) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factors[i % columns];
    }
    return new Matrix(rows, columns, scaled);
  }

  /** Returns whether a column has a value that is not zero. */
  boolean readsColumn(int column) {
    for (int row = 0; row < rows; row++) {
      if (at(row, column) != 0f) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return rows + "x" + columns + (values.length <= 8 ? " " + Arrays.toString(values) : "");
  }
}
