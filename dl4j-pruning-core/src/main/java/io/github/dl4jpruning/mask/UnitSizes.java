package io.github.dl4jpruning.mask;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The number of weights in each unit of a tensor. A unit is kept or removed as a whole: a single
 * weight, a block, a channel. Immutable.
 */
public final class UnitSizes {

  private final int each;

  /** Null if all units have the same size. */
  private final int @Nullable [] sizes;

  private final long total;

  private UnitSizes(int each, int @Nullable [] sizes, long total) {
    this.each = each;
    this.sizes = sizes;
    this.total = total;
  }

  /**
   * Returns the sizes of single weights.
   *
   * @param units the number of units
   * @return their sizes
   */
  public static UnitSizes ones(int units) {
    return new UnitSizes(1, null, units);
  }

  /** Takes ownership of the array. */
  static UnitSizes of(int[] sizes) {
    boolean alike = Arrays.stream(sizes).allMatch(size -> size == sizes[0]);
    return new UnitSizes(sizes[0], alike ? null : sizes, Arrays.stream(sizes).asLongStream().sum());
  }

  /**
   * Returns the number of weights of a unit.
   *
   * @param unit index of the unit
   * @return its size, at least 1
   */
  public int of(int unit) {
    return sizes == null ? each : sizes[unit];
  }

  /**
   * Returns the units of the largest size: all but smaller ones at an edge.
   *
   * @param units the number of units
   * @return a mask that keeps these units
   */
  public Mask largestOnes(int units) {
    if (sizes == null) {
      return Mask.dense(units);
    }
    int most = largest();
    boolean[] large = new boolean[units];
    for (int unit = 0; unit < units; unit++) {
      large[unit] = sizes[unit] == most;
    }
    return Mask.of(large);
  }

  /**
   * Returns the number of weights of all units.
   *
   * @return the sum
   */
  public long total() {
    return total;
  }

  /** Returns the size of the largest unit. */
  int largest() {
    return sizes == null ? each : Arrays.stream(sizes).max().orElse(0);
  }

  /** Returns whether all units have the same size. */
  boolean areAlike() {
    return sizes == null;
  }

  /** Returns whether every unit is a single weight. */
  boolean areOnes() {
    return sizes == null && each == 1;
  }

  /**
   * Returns the number of weights in the units that a mask keeps.
   *
   * @param mask a mask over units
   * @return the sum of their sizes
   */
  public long kept(Mask mask) {
    if (sizes == null) {
      return (long) each * mask.kept();
    }
    long sum = 0;
    for (int w = 0; w < mask.words(); w++) {
      for (long kept = mask.word(w); kept != 0; kept &= kept - 1) {
        sum += sizes[w * Mask.WORD + Long.numberOfTrailingZeros(kept)];
      }
    }
    return sum;
  }
}
