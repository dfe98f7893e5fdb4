package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * y = W·x + b for a vector x, in one of several forms. The form depends on the density of W, and on
 * whether many inputs are zero; docs/design-decisions.md has the measurements. Immutable, and
 * shared by all sessions.
 */
abstract class Product {

  /** From this density on, a dense matrix is faster, since its loops are vectorised. */
  private static final double DENSE = 0.2;

  /** Blocks are faster if at least this fraction of their elements are weights. */
  private static final double FULL = 0.6;

  /** The number of columns that a 16-bit index can address. */
  private static final int SHORT = 1 << 16;

  /**
   * Sets y[to ..] to W·x[from ..] + b.
   *
   * @param scratch one element for each row; its content is ignored
   */
  abstract void multiply(float[] x, int from, float[] y, int to, float[] scratch);

  /**
   * Chooses a form.
   *
   * @param bias the bias of each row; empty for none
   * @param manyZeros whether the inputs are often exactly zero
   */
  static Product of(SparseMatrix weights, float[] bias, boolean manyZeros) {
    if (weights.density() >= DENSE) {
      return new Dense(weights, bias);
    } else if (weights.columns > SHORT) {
      return manyZeros ? new Columns(weights, bias) : new WideRows(weights, bias);
    } else if (weights.nonZeros() > FULL * RowBlocks.LANES * RowBlocks.blocks(weights)) {
      return new RowBlocks(weights, bias);
    }
    return manyZeros ? new Columns(weights, bias) : new Rows(weights, bias);
  }

  /** Returns an upper limit of the elements that the form of a matrix holds. */
  static long elements(SparseMatrix weights) {
    return weights.density() >= DENSE
        ? (long) weights.rows * weights.columns
        : (long) weights.nonZeros() * RowBlocks.MOST_FILLED + weights.rows + weights.columns;
  }

  private static void begin(float[] bias, float[] y, int to, int rows) {
    if (bias.length > 0) {
      System.arraycopy(bias, 0, y, to, rows);
    } else {
      Arrays.fill(y, to, to + rows, 0f);
    }
  }

  /** All weights, input by input; four inputs at a time, since each pass reads and writes y. */
  private static final class Dense extends Product {
    private final int rows;
    private final int columns;
    private final float[] bias;
    private final float[][] byColumn;

    Dense(SparseMatrix weights, float[] bias) {
      this.rows = weights.rows;
      this.columns = weights.columns;
      this.bias = bias;
      this.byColumn = new float[(columns + 3) / 4 * 4][rows];
      for (int r = 0; r < rows; r++) {
        for (int k = weights.starts[r]; k < weights.starts[r + 1]; k++) {
          byColumn[weights.indices[k]][r] = weights.values[k];
        }
      }
    }

    @Override
    void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
      begin(bias, scratch, 0, rows);
      int c = 0;
      for (; c + 3 < columns; c += 4) {
        add(c, x[from + c], x[from + c + 1], x[from + c + 2], x[from + c + 3], scratch);
      }
      if (c < columns) {
        add(
            c,
            x[from + c],
            c + 1 < columns ? x[from + c + 1] : 0f,
            c + 2 < columns ? x[from + c + 2] : 0f,
            0f,
            scratch);
      }
      System.arraycopy(scratch, 0, y, to, rows);
    }

    private void add(int column, float x0, float x1, float x2, float x3, float[] sums) {
      if (x0 == 0f && x1 == 0f && x2 == 0f && x3 == 0f) {
        return;
      }
      Loops.add4(
          byColumn[column],
          byColumn[column + 1],
          byColumn[column + 2],
          byColumn[column + 3],
          x0,
          x1,
          x2,
          x3,
          sums,
          rows);
    }
  }

  /** Input by input; an input that is zero costs nothing. */
  private static final class Columns extends Product {
    private final int rows;
    private final SparseMatrix byColumn;
    private final float[] bias;

    Columns(SparseMatrix weights, float[] bias) {
      this.rows = weights.rows;
      this.byColumn = weights.transposed();
      this.bias = bias;
    }

    @Override
    void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
      begin(bias, y, to, rows);
      int[] starts = byColumn.starts;
      int[] indices = byColumn.indices;
      float[] values = byColumn.values;
      for (int c = 0; c < byColumn.rows; c++) {
        float v = x[from + c];
        if (v != 0f) {
          for (int k = starts[c], end = starts[c + 1]; k < end; k++) {
            y[to + indices[k]] += v * values[k];
          }
        }
      }
    }
  }

  /** Output by output, in four sums, which do not wait for each other. */
  private static final class Rows extends Product {
    private final int rows;
    private final int[] starts;
    private final char[] indices;
    private final float[] values;
    private final float[] bias;

    Rows(SparseMatrix weights, float[] bias) {
      this.rows = weights.rows;
      this.starts = weights.starts;
      this.values = weights.values;
      this.bias = bias.length > 0 ? bias : new float[rows];
      this.indices = new char[weights.indices.length];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = (char) weights.indices[i];
      }
    }

    @Override
    void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
      int k = 0;
      for (int r = 0; r < rows; r++) {
        int end = starts[r + 1];
        float a = bias[r];
        float b = 0f;
        float c = 0f;
        float d = 0f;
        for (; k + 3 < end; k += 4) {
          a += values[k] * x[from + indices[k]];
          b += values[k + 1] * x[from + indices[k + 1]];
          c += values[k + 2] * x[from + indices[k + 2]];
          d += values[k + 3] * x[from + indices[k + 3]];
        }
        for (; k < end; k++) {
          a += values[k] * x[from + indices[k]];
        }
        y[to + r] = (a + b) + (c + d);
      }
    }
  }

  /** Output by output, for more inputs than a 16-bit index can address. */
  private static final class WideRows extends Product {
    private final SparseMatrix weights;
    private final float[] bias;

    WideRows(SparseMatrix weights, float[] bias) {
      this.weights = weights;
      this.bias = bias.length > 0 ? bias : new float[weights.rows];
    }

    @Override
    void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
      int[] starts = weights.starts;
      int[] indices = weights.indices;
      float[] values = weights.values;
      for (int r = 0; r < weights.rows; r++) {
        float sum = bias[r];
        for (int k = starts[r], end = starts[r + 1]; k < end; k++) {
          sum += values[k] * x[from + indices[k]];
        }
        y[to + r] = sum;
      }
    }
  }
}
