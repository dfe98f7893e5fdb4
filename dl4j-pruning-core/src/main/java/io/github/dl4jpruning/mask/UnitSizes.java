package io.github.dl4jpruning.mask;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many weights each unit of a tensor holds. A unit is what goes or stays as a whole: a single
 * weight, a block, a channel. Immutable.
 */
public final class UnitSizes {

  private final int each;

  /** Null where all units have the same size. */
  private final int @Nullable [] sizes;

  private final long total;

  private UnitSizes(int each, int @Nullable [] sizes, long total) {
    this.each = each;
    this.sizes = sizes;
    this.total = total;
  }

  /**
   * Units that are single weights.
   *
   * @param units how many
   * @return their sizes
   */
  public static UnitSizes ones(int units) {
    return new UnitSizes(1, null, units);
  }

  /** Takes the array over. */
  static UnitSizes of(int[] sizes) {
    boolean alike = Arrays.stream(sizes).allMatch(size -> size == sizes[0]);
    return new UnitSizes(sizes[0], alike ? null : sizes, Arrays.stream(sizes).asLongStream().sum());
  }

  /**
   * The weights of one unit.
   *
   * @param unit index of the unit
   * @return its size, at least 1
   */
  public int of(int unit) {
    return sizes == null ? each : sizes[unit];
  }

  /**
   * The units of the largest size: all but those at an edge.
   *
   * @param units how many units there are
   * @return a mask that keeps them
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
   * The weights of all units.
   *
   * @return the sum
   */
  public long total() {
    return total;
  }

  /** The size of the largest unit. */
  int largest() {
    return sizes == null ? each : Arrays.stream(sizes).max().orElse(0);
  }

  /** Whether all units have the same size. */
  boolean areAlike() {
    return sizes == null;
  }

  /** Whether every unit is one weight. */
  boolean areOnes() {
    return sizes == null && each == 1;
  }

  /**
   * The weights of the units that a mask keeps.
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
