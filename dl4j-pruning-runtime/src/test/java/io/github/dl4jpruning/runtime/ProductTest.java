package io.github.dl4jpruning.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every form of a matrix gives the same result as a plain double loop over its elements. */
class ProductTest {

  private static final double PRECISION = 1e-5;
  private static final int[] SIZES = {1, 2, 3, 4, 7, 8, 9, 31, 64};
  private static final double[] DENSITIES = {0.0, 0.02, 0.15, 0.5, 1.0};

  /** Returns random weights with a density; the first weight of a block of rows decides for all. */
  private static float[][] weights(
      int rows, int columns, double density, int block, Random random) {
    float[][] weights = new float[rows][columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        boolean first = row % block == 0;
        boolean kept = first ? random.nextDouble() < density : weights[row - 1][column] != 0f;
        weights[row][column] = kept ? random.nextFloat() + 0.1f : 0f;
      }
    }
    return weights;
  }

  private static SparseMatrix sparse(float[][] weights) {
    int rows = weights.length;
    int columns = weights[0].length;
    int[] starts = new int[rows + 1];
    int[] indices = new int[rows * columns];
    float[] values = new float[rows * columns];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        if (weights[row][column] != 0f) {
          indices[count] = column;
          values[count++] = weights[row][column];
        }
      }
      starts[row + 1] = count;
    }
    return new SparseMatrix(
        rows, columns, starts, Arrays.copyOf(indices, count), Arrays.copyOf(values, count));
  }

  private static void check(Product product, float[][] weights, float[] bias, Random random) {
    int rows = weights.length;
    int columns = weights[0].length;
    int from = random.nextInt(3);
    int to = random.nextInt(3);
    float[] x = new float[from + columns];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(3) == 0 ? 0f : random.nextFloat() - 0.5f;
    }
    float[] y = new float[to + rows + 1];
    Arrays.fill(y, 7f);
    product.multiply(x, from, y, to, new float[rows]);
    for (int row = 0; row < rows; row++) {
      double sum = bias.length > 0 ? bias[row] : 0.0;
      double size = Math.abs(sum);
      for (int column = 0; column < columns; column++) {
        sum += (double) weights[row][column] * x[from + column];
        size += Math.abs((double) weights[row][column] * x[from + column]);
      }
      assertThat(Math.abs(y[to + row] - sum))
          .as("row %d of %d × %d, %s", row, rows, columns, product.getClass().getSimpleName())
          .isLessThanOrEqualTo(PRECISION * size);
    }
    for (int i = 0; i < to; i++) {
      assertThat(y[i]).isEqualTo(7f);
    }
    assertThat(y[to + rows]).isEqualTo(7f);
  }

  @Test
  void shouldMultiplyInEveryForm() {
    Random random = new Random(1);
    for (int rows : SIZES) {
      for (int columns : SIZES) {
        for (double density : DENSITIES) {
          for (int block : new int[] {1, 2, 4, 8}) {
            float[][] weights = weights(rows, columns, density, block, random);
            SparseMatrix matrix = sparse(weights);
            float[] bias = new float[random.nextBoolean() ? rows : 0];
            for (int i = 0; i < bias.length; i++) {
              bias[i] = random.nextFloat();
            }
            check(new RowBlocks(matrix, bias), weights, bias, random);
            check(Product.of(matrix, bias, false), weights, bias, random);
            check(Product.of(matrix, bias, true), weights, bias, random);
          }
        }
      }
    }
  }

  @Test
  void shouldChooseBlocksWhereWeightsStandInBlocks() {
    Random random = new Random(1);
    SparseMatrix blocks = sparse(weights(64, 64, 0.1, 4, random));
    SparseMatrix single = sparse(weights(64, 64, 0.1, 1, random));
    assertThat(Product.of(blocks, new float[0], false)).isInstanceOf(RowBlocks.class);
    assertThat(Product.of(single, new float[0], false)).isNotInstanceOf(RowBlocks.class);
  }

  @Test
  void shouldMultiplyWithMoreColumnsThanAShortIndexNames() {
    int columns = 70_000;
    SparseMatrix wide =
        new SparseMatrix(
            2, columns, new int[] {0, 2, 3}, new int[] {1, 69_999, 65_536}, new float[] {1, 2, 4});
    float[] x = new float[columns];
    x[1] = 1f;
    x[69_999] = 10f;
    x[65_536] = 100f;
    for (boolean manyZeros : new boolean[] {false, true}) {
      float[] y = new float[2];
      Product.of(wide, new float[] {0.5f, 0f}, manyZeros).multiply(x, 0, y, 0, new float[2]);
      assertThat(y).containsExactly(21.5f, 400f);
    }
  }
}
