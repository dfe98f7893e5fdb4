package io.github.dl4jpruning.examples;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point in training, as a person says it: {@code 3}, {@code 3 epochs}, {@code 1.5e}, {@code 800
 * iterations}, {@code 800i}.
 *
 * @param amount how many, 0 or more
 * @param unit of what
 */
record PointInTraining(double amount, Unit unit) {

  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(e|epochs?|i|iterations?|)");

  enum Unit {
    EPOCHS,
    ITERATIONS
  }

  /**
   * Reads a point.
   *
   * @throws IllegalArgumentException if the text has another form, or is a broken number of
   *     iterations
   */
  static PointInTraining parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a number of epochs (3, 1.5e, 3epochs) or iterations (800i, 800iterations), but"
              + " found '"
              + text
              + "'");
    }
    double amount = Double.parseDouble(matcher.group(1));
    Unit unit = matcher.group(2).startsWith("i") ? Unit.ITERATIONS : Unit.EPOCHS;
    if (unit == Unit.ITERATIONS && amount != Math.rint(amount)) {
      throw new IllegalArgumentException(
          "expected a whole number of iterations, but found '" + text + "'");
    }
    return new PointInTraining(amount, unit);
  }

  /** The iteration that this is, where an epoch has the given length. */
  int iteration(int iterationsPerEpoch) {
    double iteration = unit == Unit.ITERATIONS ? amount : amount * iterationsPerEpoch;
    return (int) Math.min(Integer.MAX_VALUE - 1, Math.round(iteration));
  }

  @Override
  public String toString() {
    return amount + " " + unit.name().toLowerCase(Locale.ROOT);
  }
}
