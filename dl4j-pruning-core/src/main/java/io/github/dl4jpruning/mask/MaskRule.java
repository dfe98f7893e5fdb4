package io.github.dl4jpruning.mask;

/**
 * How masks may change: whether what was removed may return, and how.
 *
 * <p>A weight that returns starts from zero, with the state that its updater starts with; except
 * under {@link #hardThresholding}, where it has the value that the optimizer gave it.
 */
public sealed interface MaskRule
    permits MaskRule.Monotone, MaskRule.Regrow, MaskRule.HardThresholding, MaskRule.Exchange {

  /**
   * A removed weight stays removed: the default.
   *
   * @return the rule
   */
  static MaskRule monotone() {
    return new Monotone();
  }

  /**
   * Masks are made from scratch at every update, so that weights return where the schedule falls or
   * the criterion (one that looks at gradients) finds them important again. Among removed weights
   * with the same score (their magnitude is 0) the first return.
   *
   * @return the rule
   */
  static MaskRule regrow() {
    return new Regrow();
  }

  /**
   * Iterative hard thresholding, for minimising the loss subject to a bound on ‖W‖₀: the optimizer
   * steps with the full gradient, that of removed weights included, and after each step the weights
   * of largest magnitude are kept and all others become zero. How many is what the schedule asked
   * for at the last update. Only with the magnitude criterion. It costs a mask update at every
   * step.
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
   * the lowest scores and grows as many of those removed with the largest gradient magnitude. The
   * fraction falls to zero along a cosine: α/2·(1 + cos(π·t/until)).
   *
   * <p>Source: U. Evci et al., "Rigging the lottery", 2020 (arXiv 1911.11134).
   *
   * @param fraction α, the fraction of the kept weights at t = 0, in (0, 1)
   * @param until iteration from which nothing is exchanged any more, at least 1
   * @return the rule
   * @throws IllegalArgumentException if a value is out of its range
   */
  static MaskRule rigl(double fraction, int until) {
    return new Exchange(Growth.GRADIENT, fraction, until, 0);
  }

  /**
   * SET: every {@code updateEvery} iterations, each tensor drops a fraction of its weights with the
   * lowest scores and grows as many at random.
   *
   * <p>Source: D. C. Mocanu et al., 2018 (arXiv 1707.04780).
   *
   * @param fraction ζ, the fraction of the kept weights, in (0, 1)
   * @param until iteration from which nothing is exchanged any more, at least 1
   * @param seed decides which grow
   * @return the rule
   * @throws IllegalArgumentException if a value is out of its range
   */
  static MaskRule set(double fraction, int until, long seed) {
    return new Exchange(Growth.RANDOM, fraction, until, seed);
  }

  /** Whether weights return where a schedule falls. */
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

  /** What grows. */
  enum Growth {
    /** What has the largest gradient magnitude. */
    GRADIENT,
    /** What chance says. */
    RANDOM
  }

  /**
   * Weights are exchanged while their number stays. See {@link MaskRule#rigl} and {@link
   * MaskRule#set}.
   *
   * @param growth what grows
   * @param fraction fraction of the kept weights that is exchanged, in (0, 1); falls along a cosine
   *     for {@link Growth#GRADIENT}
   * @param until iteration from which nothing is exchanged any more, at least 1
   * @param seed decides what grows at random
   */
  record Exchange(Growth growth, double fraction, int until, long seed) implements MaskRule {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
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
     * The fraction at an iteration.
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
