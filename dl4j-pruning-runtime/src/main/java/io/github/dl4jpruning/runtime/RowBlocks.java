package io.github.dl4jpruning.runtime;

/**
 * Computes four neighbouring outputs at a time, for weights that were pruned in blocks: an input is
 * loaded once for all four outputs. Zero weights in a block are multiplied too.
 */
final class RowBlocks extends Product {

  /** The number of outputs of a block. */
  static final int LANES = 4;

  /** Elements for each weight, at most: where blocks are chosen, fewer than half are zeros. */
  static final int MOST_FILLED = 2;

  private final int rows;
  private final int[] ends;
  private final char[] indices;
  private final float[] values;
  private final float[] bias;

  /** Creates the form of a matrix with at most 65,536 columns. */
  RowBlocks(SparseMatrix weights, float[] ownBias) {
    this.rows = weights.rows;
    int groups = (rows + LANES - 1) / LANES;
    int blocks = blocks(weights);
    this.ends = new int[groups];
    this.indices = new char[blocks];
    this.values = new float[blocks * LANES];
    this.bias = new float[groups * LANES];
    System.arraycopy(ownBias, 0, bias, 0, ownBias.length);
    int[] seen = new int[weights.columns];
    int[] place = new int[weights.columns];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      int group = row / LANES;
      for (int k = weights.starts[row]; k < weights.starts[row + 1]; k++) {
        int column = weights.indices[k];
        if (seen[column] != group + 1) {
          seen[column] = group + 1;
          place[column] = count;
          indices[count++] = (char) column;
        }
        values[place[column] * LANES + row % LANES] = weights.values[k];
      }
      ends[group] = count;
    }
  }

  /** Returns the number of blocks of four rows and one column that hold a weight. */
  static int blocks(SparseMatrix weights) {
    int[] seen = new int[weights.columns];
    int count = 0;
    for (int row = 0; row < weights.rows; row++) {
      int group = row / LANES + 1;
      for (int k = weights.starts[row]; k < weights.starts[row + 1]; k++) {
        count += seen[weights.indices[k]] == group ? 0 : 1;
        seen[weights.indices[k]] = group;
      }
    }
    return count;
  }

  @Override
  void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
    int k = 0;
    for (int group = 0, row = 0; group < ends.length; group++, row += LANES) {
      float a = bias[row];
      float b = bias[row + 1];
      float c = bias[row + 2];
      float d = bias[row + 3];
      for (int end = ends[group]; k < end; k++) {
        float v = x[from + indices[k]];
        a += values[LANES * k] * v;
        b += values[LANES * k + 1] * v;
        c += values[LANES * k + 2] * v;
        d += values[LANES * k + 3] * v;
      }
      y[to + row] = a;
      if (row + 3 < rows) {
        y[to + row + 1] = b;
        y[to + row + 2] = c;
        y[to + row + 3] = d;
      } else {
        rest(y, to + row + 1, b, c);
      }
    }
  }

  /** Writes the outputs after the first one if the last group has fewer than four. */
  private void rest(float[] y, int at, float b, float c) {
    if (rows % LANES >= 2) {
      y[at] = b;
    }
    if (rows % LANES == 3) {
      y[at + 1] = c;
    }
  }
}
