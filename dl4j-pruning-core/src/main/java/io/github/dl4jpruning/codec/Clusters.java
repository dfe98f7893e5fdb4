package io.github.dl4jpruning.codec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A few values that represent many: k-means in one dimension.
 *
 * <p>The initial centroids are spaced evenly between the smallest and the largest value. Then,
 * until nothing changes, each value is assigned to the nearest centroid, and each centroid moves to
 * the mean of its values. Each step lowers Σᵢ (xᵢ − c(xᵢ))². In one dimension the values of a
 * centroid are neighbours, so the time of a step depends on the number of centroids. Even spacing
 * keeps the few large values apart, which matter most: S. Han et al., "Deep Compression", 2016
 * (arXiv 1510.00149), section 3.2.
 */
public final class Clusters {

  /** The highest number of bits of a code. */
  public static final int MOST_BITS = 8;

  private static final int MOST_STEPS = 1_000;

  private final double[] centroids;

  /** The borders between neighbouring centroids: centroid i has the values up to border i. */
  private final double[] borders;

  private Clusters(double[] centroids) {
    this.centroids = centroids;
    this.borders = new double[centroids.length - 1];
    for (int i = 0; i < borders.length; i++) {
      borders[i] = centroids[i] / 2 + centroids[i + 1] / 2;
    }
  }

  /**
   * Finds centroids.
   *
   * @param values at least one value, all finite
   * @param bits bits per code, 1 to {@link #MOST_BITS}
   * @return at most 2^bits clusters, none of them empty
   * @throws IllegalArgumentException if bits are out of range, or a value is not finite
   */
  public static Clusters of(double[] values, int bits) {
    if (bits < 1 || bits > MOST_BITS) {
      throw new IllegalArgumentException(
          "bits must be between 1 and " + MOST_BITS + ", but are " + bits);
    }
    double[] sorted = values.clone();
    Arrays.parallelSort(sorted);
    double smallest = sorted[0];
    double largest = sorted[sorted.length - 1];
    if (!Double.isFinite(smallest) || !Double.isFinite(largest)) {
      throw new IllegalArgumentException(
          "values to be shared must be finite, but lie between " + smallest + " and " + largest);
    }
    double[] different = different(sorted, 1 << bits);
    if (different != null) {
      return new Clusters(different);
    }
    double[] sums = new double[sorted.length + 1];
    for (int i = 0; i < sorted.length; i++) {
      sums[i + 1] = sums[i] + sorted[i];
    }
    int size = 1 << bits;
    double[] centroids = new double[size];
    for (int c = 0; c < size; c++) {
      double share = (double) c / (size - 1);
      centroids[c] = smallest * (1 - share) + largest * share;
    }
    Clusters clusters = new Clusters(centroids);
    for (int step = 0; step < MOST_STEPS; step++) {
      Clusters next = clusters.means(sorted, sums);
      if (Arrays.equals(next.centroids, clusters.centroids)) {
        return next;
      }
      clusters = next;
    }
    return clusters;
  }

  /** Returns the distinct values, sorted; null if there are more than {@code most}. */
  private static double @Nullable [] different(double[] sorted, int most) {
    double[] different = new double[most];
    int count = 0;
    for (double value : sorted) {
      if (count == 0 || value != different[count - 1]) {
        if (count == most) {
          return null;
        }
        different[count++] = value;
      }
    }
    return Arrays.copyOf(different, count);
  }

  /** Moves each centroid to the mean of its values. Drops centroids without values. */
  private Clusters means(double[] sorted, double[] sums) {
    double[] means = new double[centroids.length];
    int count = 0;
    int from = 0;
    for (int c = 0; c < centroids.length; c++) {
      int to = c < borders.length ? firstAbove(sorted, borders[c], from) : sorted.length;
      if (to > from) {
        // Prefix sums lose digits; a mean outside the range of its values could break the order.
        double mean = (sums[to] - sums[from]) / (to - from);
        means[count++] = Math.max(sorted[from], Math.min(sorted[to - 1], mean));
      }
      from = to;
    }
    return new Clusters(Arrays.copyOf(means, count));
  }

  private static int firstAbove(double[] sorted, double border, int from) {
    int low = from;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= border) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Returns the number of clusters.
   *
   * @return at least 1
   */
  public int size() {
    return centroids.length;
  }

  /**
   * Returns the value that represents a cluster.
   *
   * @param code the cluster, from 0
   * @return its centroid; centroids rise with the code
   */
  public double centroid(int code) {
    return centroids[code];
  }

  /**
   * Returns the cluster of a value.
   *
   * @param value any number
   * @return the cluster with the nearest centroid; on a tie, the lower one
   */
  public int codeOf(double value) {
    int low = 0;
    int high = borders.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (value > borders[middle]) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
