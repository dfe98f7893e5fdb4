package io.github.dl4jpruning.report;

import java.util.List;

/**
 * The counts of one tensor, or of several together.
 *
 * @param name layer and key, for instance {@code layer0.W}
 * @param layerType simple class name of the layer's configuration
 * @param shape the tensor's shape in DL4J's layout
 * @param weights number of elements
 * @param nonZeros number of elements that are not zero: the tensor's part of ‖W‖₀
 * @param positions number of positions at which each element is multiplied for one example, or
 *     {@link #UNKNOWN}
 */
public record TensorSparsity(
    String name, String layerType, List<Long> shape, long weights, long nonZeros, long positions) {

  /** An unknown number of positions. */
  public static final long UNKNOWN = -1;

  /** Copies the shape. */
  public TensorSparsity {
    shape = List.copyOf(shape);
  }

  /**
   * Creates counts with an unknown number of positions.
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
   * Returns the MACs for one example with dense kernels.
   *
   * @return weights · positions, or {@link #UNKNOWN}
   */
  public long macs() {
    return positions == UNKNOWN ? UNKNOWN : weights * positions;
  }

  /**
   * Returns the MACs for one example if operations with a zero weight were skipped. DL4J's kernels
   * skip none; to really save operations, shrink the network.
   *
   * @return nonZeros · positions, or {@link #UNKNOWN}
   */
  public long nonZeroMacs() {
    return positions == UNKNOWN ? UNKNOWN : nonZeros * positions;
  }

  /**
   * Counts the elements that are not zero.
   *
   * @param values the tensor's elements
   * @return the count; −0.0 counts as zero, denormal numbers and NaN do not
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
   * Returns the fraction of elements that are zero.
   *
   * @return 1 − nonZeros / weights, in [0, 1]
   */
  public double sparsity() {
    return sparsity(weights, nonZeros);
  }

  /**
   * Returns the fraction of elements that are zero.
   *
   * @param weights number of elements
   * @param nonZeros number of them that are not zero
   * @return (weights − nonZeros) / weights; 0 if there are no elements
   */
  public static double sparsity(long weights, long nonZeros) {
    return weights == 0 ? 0.0 : (double) (weights - nonZeros) / weights;
  }

  /**
   * Returns the compression ratio.
   *
   * @param weights number of elements
   * @param nonZeros number of them that are not zero
   * @return weights / nonZeros; infinite if none is left, 1 if there are no elements
   */
  public static double compressionRatio(long weights, long nonZeros) {
    return weights == 0 ? 1.0 : (double) weights / nonZeros;
  }
}
