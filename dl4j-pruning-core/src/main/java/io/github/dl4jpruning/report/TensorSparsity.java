package io.github.dl4jpruning.report;

import java.util.List;

/**
 * What was counted in one tensor, or in several together.
 *
 * @param name layer and key, for instance {@code layer0.W}
 * @param layerType simple class name of the layer's configuration
 * @param shape the tensor's shape in DL4J's layout
 * @param weights number of elements
 * @param nonZeros number of elements that are not zero: its part of ‖W‖₀
 */
public record TensorSparsity(
    String name, String layerType, List<Long> shape, long weights, long nonZeros) {

  /** Copies the shape. */
  public TensorSparsity {
    shape = List.copyOf(shape);
  }

  /**
   * Counts.
   *
   * @param values the tensor's elements
   * @return how many of them are not zero; −0.0 is zero, a denormal number is not, and neither is
   *     NaN
   */
  public static long countNonZeros(double[] values) {
    long count = 0;
    for (double value : values) {
      if (value != 0.0) {
        count++;
      }
    }
    return count;
  }

  /**
   * The fraction of elements that are zero.
   *
   * @return 1 − nonZeros / weights, in [0, 1]
   */
  public double sparsity() {
    return sparsity(weights, nonZeros);
  }

  /**
   * The fraction of elements that are zero.
   *
   * @param weights number of elements
   * @param nonZeros number of them that are not zero
   * @return (weights − nonZeros) / weights, and 0 where there are no elements
   */
  public static double sparsity(long weights, long nonZeros) {
    return weights == 0 ? 0.0 : (double) (weights - nonZeros) / weights;
  }

  /**
   * How much fewer weights there are.
   *
   * @param weights number of elements
   * @param nonZeros number of them that are not zero
   * @return weights / nonZeros; infinite where none is left, 1 where there never were any
   */
  public static double compressionRatio(long weights, long nonZeros) {
    return weights == 0 ? 1.0 : (double) weights / nonZeros;
  }
}
