package io.github.dl4jpruning.report;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Formats fractions as percentages, without rounding to 0% or 100%: 0.99999 is not 100%. */
public final class Percent {

  private static final int MOST_DIGITS = 12;
  private static final int HUNDRED = 100;

  private Percent() {}

  /**
   * Formats a fraction in percent with two decimals, or as many as are needed to distinguish it
   * from 0% and 100%.
   *
   * @param fraction a number in [0, 1], or NaN
   * @return for instance {@code 90.00%}, {@code 99.999%}
   */
  public static String of(double fraction) {
    return digits(fraction, 2) + "%";
  }

  /**
   * Like {@link #of}, without trailing zeros.
   *
   * @param fraction a number in [0, 1], or NaN
   * @return for instance {@code 90%}, {@code 98.44%}
   */
  public static String brief(double fraction) {
    String text = digits(fraction, 2);
    return (text.contains(".") ? text.replaceAll("\\.?0+$", "") : text) + "%";
  }

  private static String digits(double fraction, int least) {
    if (!Double.isFinite(fraction)) {
      return String.valueOf(fraction);
    }
    BigDecimal exact = BigDecimal.valueOf(fraction).movePointRight(2);
    BigDecimal rounded = exact.setScale(least, RoundingMode.HALF_UP);
    for (int digits = least; hides(exact, rounded) && digits < MOST_DIGITS; digits++) {
      rounded = exact.setScale(digits + 1, RoundingMode.HALF_UP);
    }
    return rounded.toPlainString();
  }

  /** Returns whether rounding makes a number look like 0 or 100 that is neither. */
  private static boolean hides(BigDecimal exact, BigDecimal rounded) {
    return (rounded.signum() == 0 && exact.signum() != 0)
        || (rounded.compareTo(BigDecimal.valueOf(HUNDRED)) == 0
            && exact.compareTo(BigDecimal.valueOf(HUNDRED)) != 0);
  }
}
