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
 * @param positions at how many positions each element is multiplied for one example, or {@link
 *     #UNKNOWN}
 */
public record TensorSparsity(
    String name, String layerType, List<Long> shape, long weights, long nonZeros, long positions) {

  /** Where it is not known at how many positions a tensor is used. */
  public static final long UNKNOWN = -1;

  /** Copies the shape. */
  public TensorSparsity {
    shape = List.copyOf(shape);
  }

  /**
   * A tensor of which it is not known at how many positions it is used.
   *
   * @param name layer and key
   * @param layerType simple class name of the layer's configuration
   * @param shape the tensor's shape
   * @param weights number of elements
   * @param nonZeros number of elements that are not zero
   */
  public TensorSparsity(
      String name, String layerType, List<Long> shape, long weights, long nonZeros) {
    this(name, layerType, shape, weights, nonZeros, UNKNOWN);
  }

  /**
   * Multiply-accumulate operations for one example, as dense kernels make them.
   *
   * @return weights · positions, or {@link #UNKNOWN}
   */
  public long macs() {
    return positions == UNKNOWN ? UNKNOWN : weights * positions;
  }

  /**
   * Multiply-accumulate operations for one example that are left if those with a zero are skipped.
   * DL4J's kernels skip none: for fewer in fact, shrink the network.
   *
   * @return nonZeros · positions, or {@link #UNKNOWN}
   */
  public long nonZeroMacs() {
    return positions == UNKNOWN ? UNKNOWN : nonZeros * positions;
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
