package io.github.dl4jpruning.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point in training, as typed on the command line: {@code 3}, {@code 3 epochs}, {@code 1.5e},
 * {@code 800 iterations}, {@code 800i}.
 *
 * @param amount the number of epochs or iterations, 0 or more
 * @param unit epochs or iterations
 */
public record PointInTraining(double amount, Unit unit) {

  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(e|epochs?|i|iterations?|)");

  /** What is counted. */
  public enum Unit {
    /** Epochs. */
    EPOCHS,
    /** Iterations. */
    ITERATIONS
  }

  /**
   * Parses a point.
   *
   * @param text the point as typed
   * @return the point
   * @throws IllegalArgumentException if the text has another form, or a fractional number of
   *     iterations
   */
  public static PointInTraining parse(String text) {
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

  /**
   * Returns the iteration of this point.
   *
   * @param iterationsPerEpoch iterations in an epoch
   * @return an iteration, counted from 0
   */
  public int iteration(int iterationsPerEpoch) {
    double iteration = unit == Unit.ITERATIONS ? amount : amount * iterationsPerEpoch;
    return (int) Math.min(Integer.MAX_VALUE - 1, Math.round(iteration));
  }

  @Override
  public String toString() {
    return amount + " " + unit.name().toLowerCase(Locale.ROOT);
  }
}
