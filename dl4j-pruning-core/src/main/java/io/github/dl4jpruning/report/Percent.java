package io.github.dl4jpruning.report;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Fractions as percentages that do not round the truth away: 0.99999 is not 100%. */
public final class Percent {

  private static final int MOST_DIGITS = 12;
  private static final int HUNDRED = 100;

  private Percent() {}

  /**
   * A fraction in percent, with two digits behind the point, or as many as it takes to tell it from
   * 0% and from 100%.
   *
   * @param fraction a number in [0, 1], or NaN
   * @return for instance {@code 90.00%}, {@code 99.999%}
   */
  public static String of(double fraction) {
    return digits(fraction, 2) + "%";
  }

  /**
   * As {@link #of}, without zeros at the end.
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

  /** Whether a number that is neither looks like 0 or 100. */
  private static boolean hides(BigDecimal exact, BigDecimal rounded) {
    return (rounded.signum() == 0 && exact.signum() != 0)
        || (rounded.compareTo(BigDecimal.valueOf(HUNDRED)) == 0
            && exact.compareTo(BigDecimal.valueOf(HUNDRED)) != 0);
  }
}
