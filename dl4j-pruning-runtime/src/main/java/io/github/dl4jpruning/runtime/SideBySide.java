package io.github.dl4jpruning.runtime;

/**
 * Computes eight outputs at a time: their sums do not depend on each other, and the loop over
 * inputs is long enough for the processor to predict its end. Outputs are sorted by their number of
 * weights, so that few rows need zeros as padding.
 *
 * <p>Source of this form: M. Kreutzer et al., "A unified sparse matrix data format for efficient
 * general sparse matrix-vector multiplication on modern processors with wide SIMD units", 2014
 * (SELL-C-σ, with C = 8 and σ = all rows).
 */
final class SideBySide extends Product {

  /** The number of outputs of a group. */
  static final int LANES = 8;

  private final int[] ends;
  private final char[] indices;
  private final float[] values;
  private final float[] bias;

  /** The row of each lane; lanes without a row repeat the row of the first lane of their group. */
  private final int[] rowOf;

  /** Creates the form of a matrix with at most 65,536 columns. */
  SideBySide(SparseMatrix weights, float[] ownBias) {
    int rows = weights.rows;
    int groups = (rows + LANES - 1) / LANES;
    int[] byLength = byLength(weights);
    this.ends = new int[groups];
    this.rowOf = new int[groups * LANES];
    this.bias = new float[rowOf.length];
    int size = 0;
    for (int group = 0; group < groups; group++) {
      size += LANES * weights.length(byLength[group * LANES]);
      ends[group] = size;
    }
    this.indices = new char[size];
    this.values = new float[size];
    for (int lane = 0; lane < rowOf.length; lane++) {
      int group = lane / LANES;
      if (lane >= rows) {
        rowOf[lane] = byLength[group * LANES];
        continue;
      }
      int row = byLength[lane];
      rowOf[lane] = row;
      bias[lane] = ownBias.length > 0 ? ownBias[row] : 0f;
      fill(weights, row, (group == 0 ? 0 : ends[group - 1]) + lane % LANES, ends[group]);
    }
  }

  /** Fills a lane; the padding zeros of a row use an input that the row reads anyway. */
  private void fill(SparseMatrix weights, int row, int from, int end) {
    int k = weights.starts[row];
    char last = 0;
    for (int at = from; at < end; at += LANES) {
      if (k < weights.starts[row + 1]) {
        last = (char) weights.indices[k];
        values[at] = weights.values[k++];
      }
      indices[at] = last;
    }
  }

  /** Returns an upper limit of the elements, padding included. */
  static long mostElements(SparseMatrix weights) {
    return weights.nonZeros() + (long) LANES * (weights.columns + weights.rows);
  }

  /** Returns the rows in order of decreasing length; rows of equal length by number. */
  private static int[] byLength(SparseMatrix weights) {
    int[] places = new int[weights.columns + 2];
    for (int row = 0; row < weights.rows; row++) {
      places[weights.columns - weights.length(row) + 1]++;
    }
    for (int i = 1; i < places.length; i++) {
      places[i] += places[i - 1];
    }
    int[] rows = new int[weights.rows];
    for (int row = 0; row < weights.rows; row++) {
      rows[places[weights.columns - weights.length(row)]++] = row;
    }
    return rows;
  }

  @Override
  void multiply(float[] x, int from, float[] y, int to, float[] scratch) {
    int k = 0;
    for (int group = 0, lane = 0; group < ends.length; group++, lane += LANES) {
      float a = bias[lane];
      float b = bias[lane + 1];
      float c = bias[lane + 2];
      float d = bias[lane + 3];
      float e = bias[lane + 4];
      float f = bias[lane + 5];
      float g = bias[lane + 6];
      float h = bias[lane + 7];
      for (int end = ends[group]; k < end; k += LANES) {
        a += values[k] * x[from + indices[k]];
        b += values[k + 1] * x[from + indices[k + 1]];
        c += values[k + 2] * x[from + indices[k + 2]];
        d += values[k + 3] * x[from + indices[k + 3]];
        e += values[k + 4] * x[from + indices[k + 4]];
        f += values[k + 5] * x[from + indices[k + 5]];
        g += values[k + 6] * x[from + indices[k + 6]];
        h += values[k + 7] * x[from + indices[k + 7]];
      }
      // The first lane is written last: it overwrites the results of lanes without a row.
      y[to + rowOf[lane + 7]] = h;
      y[to + rowOf[lane + 6]] = g;
      y[to + rowOf[lane + 5]] = f;
      y[to + rowOf[lane + 4]] = e;
      y[to + rowOf[lane + 3]] = d;
      y[to + rowOf[lane + 2]] = c;
      y[to + rowOf[lane + 1]] = b;
      y[to + rowOf[lane]] = a;
    }
  }
}
