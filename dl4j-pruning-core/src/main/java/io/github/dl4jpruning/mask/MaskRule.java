package io.github.dl4jpruning.mask;

/**
 * Decides how masks may change: whether removed weights may return, and how.
 *
 * <p>A returning weight starts at zero, with a fresh updater state. Under {@link #hardThresholding}
 * it keeps the value that the optimizer gave it.
 */
public sealed interface MaskRule
    permits MaskRule.Monotone, MaskRule.Regrow, MaskRule.HardThresholding, MaskRule.Exchange {

  /**
   * Removed weights stay removed. This is the default.
   *
   * @return the rule
   */
  static MaskRule monotone() {
    return new Monotone();
  }

  /**
   * Masks are computed from scratch at every mask update. Weights return if the schedule falls, or
   * if a criterion that uses gradients finds them important again. Among removed weights with equal
   * scores (their magnitude is 0) the first return.
   *
   * @return the rule
   */
  static MaskRule regrow() {
    return new Regrow();
  }

  /**
   * Iterative hard thresholding, for minimising the loss subject to a bound on ‖W‖₀: the optimizer
   * steps with the full gradient, including that of removed weights. After each step the weights of
   * largest magnitude are kept and all others are set to zero. Their number is what the schedule
   * required at the last mask update. Works only with the magnitude criterion, and costs a mask
   * update at every step.
   *
   * <p>Source: T. Blumensath and M. E. Davies, "Iterative hard thresholding for compressed
   * sensing", 2009 (arXiv 0805.0510).
   *
   * @return the rule
   */
  static MaskRule hardThresholding() {
    return new HardThresholding();
  }

  /**
   * RigL: every {@code updateEvery} iterations, each tensor drops a fraction of its weights with
   * the lowest scores and grows as many removed weights with the largest gradient magnitude. The
   * fraction falls to zero along a cosine: α/2·(1 + cos(π·t/until)).
   *
   * <p>Source: U. Evci et al., "Rigging the lottery", 2020 (arXiv 1911.11134).
   *
   * @param fraction α, the fraction of the kept weights at t = 0, in (0, 1)
   * @param until iteration from which no weights are exchanged, at least 1
   * @return the rule
   * @throws IllegalArgumentException if a value is out of range
   */
  static MaskRule rigl(double fraction, int until) {
    return new Exchange(Growth.GRADIENT, fraction, until, 0);
  }

  /**
   * SET: every {@code updateEvery} iterations, each tensor drops a fraction of its weights with the
   * lowest scores and grows as many removed weights at random.
   *
   * <p>Source: D. C. Mocanu et al., 2018 (arXiv 1707.04780).
   *
   * @param fraction ζ, the fraction of the kept weights, in (0, 1)
   * @param until iteration from which no weights are exchanged, at least 1
   * @param seed the random seed for growth
   * @return the rule
   * @throws IllegalArgumentException if a value is out of range
   */
  static MaskRule set(double fraction, int until, long seed) {
    return new Exchange(Growth.RANDOM, fraction, until, seed);
  }

  /** Returns whether weights return when a schedule falls. */
  default boolean followsFalls() {
    return false;
  }

  /** See {@link MaskRule#monotone}. */
  record Monotone() implements MaskRule {
    @Override
    public String toString() {
      return "monotone";
    }
  }

  /** See {@link MaskRule#regrow}. */
  record Regrow() implements MaskRule {
    @Override
    public boolean followsFalls() {
      return true;
    }

    @Override
    public String toString() {
      return "regrow";
    }
  }

  /** See {@link MaskRule#hardThresholding}. */
  record HardThresholding() implements MaskRule {
    @Override
    public boolean followsFalls() {
      return true;
    }

    @Override
    public String toString() {
      return "hardThresholding";
    }
  }

  /** The weights that grow. */
  enum Growth {
    /** Those with the largest gradient magnitude. */
    GRADIENT,
    /** Randomly chosen weights. */
    RANDOM
  }

  /**
   * Exchanges weights while their number stays the same. See {@link MaskRule#rigl} and {@link
   * MaskRule#set}.
   *
   * @param growth the weights that grow
   * @param fraction fraction of the kept weights to exchange, in (0, 1); falls along a cosine for
   *     {@link Growth#GRADIENT}
   * @param until iteration from which no weights are exchanged, at least 1
   * @param seed the random seed for {@link Growth#RANDOM}
   */
  record Exchange(Growth growth, double fraction, int until, long seed) implements MaskRule {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a value is out of range
     */
    public Exchange {
      if (growth == null) {
        throw new IllegalArgumentException("growth must be GRADIENT or RANDOM, but is null");
      }
      if (!(fraction > 0.0 && fraction < 1.0)) {
        throw new IllegalArgumentException("fraction must be in (0, 1), but is " + fraction);
      }
      if (until < 1) {
        throw new IllegalArgumentException("until must be 1 or more, but is " + until);
      }
    }

    /**
     * Returns the fraction at an iteration.
     *
     * @param iteration the iteration, 0-based
     * @return a number in [0, 1); 0 from {@code until} on
     */
    public double fractionAt(int iteration) {
      if (iteration >= until) {
        return 0.0;
      }
      return growth == Growth.RANDOM
          ? fraction
          : fraction / 2.0 * (1.0 + Math.cos(Math.PI * iteration / until));
    }

    @Override
    public String toString() {
      return (growth == Growth.GRADIENT ? "rigl(" : "set(") + fraction + ", until " + until + ")";
    }
  }
}
