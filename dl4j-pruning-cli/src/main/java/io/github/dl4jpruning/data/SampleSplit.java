package io.github.dl4jpruning.data;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Positions of samples for training, for validation (all choices) and for the test (final figures
 * only). No sample is in two parts.
 *
 * @param training the positions for training
 * @param validation the positions for choices
 * @param test the positions for final figures
 */
@SuppressWarnings("ArrayRecordComponent") // large, and only handed on
public record SampleSplit(int[] training, int[] validation, int[] test) {

  /** How much of the data serves for what. */
  public enum Part {
    /** Not said: to be divided. */
    ALL,
    /** Training. */
    TRAINING,
    /** Choices. */
    VALIDATION,
    /** Final figures. */
    TEST
  }

  /**
   * Checks that each part has samples.
   *
   * @throws IllegalArgumentException if a part is empty
   */
  public SampleSplit {
    if (training.length == 0 || validation.length == 0 || test.length == 0) {
      throw new IllegalArgumentException(
          "expected samples for training, for validation and for the test, but found "
              + training.length
              + ", "
              + validation.length
              + " and "
              + test.length);
    }
  }

  /**
   * Divides samples. What is given as validation or test stays that; what is missing is taken at
   * random from the rest.
   *
   * @param parts the part of each sample, as far as it is given
   * @param validation the fraction of the other samples for validation if none is given
   * @param test the fraction that serves for the test if none is given
   * @param seed the seed for the choice
   * @return the parts, each in rising order
   * @throws IllegalArgumentException if the fractions leave nothing, or a part is empty
   */
  public static SampleSplit of(Part[] parts, double validation, double test, long seed) {
    if (!(validation > 0 && test > 0 && validation + test < 1)) {
      throw new IllegalArgumentException(
          "expected fractions above 0 for validation and test that leave samples for training, but"
              + " found "
              + validation
              + " and "
              + test);
    }
    int[] givenValidation = positions(parts, Part.VALIDATION);
    int[] givenTest = positions(parts, Part.TEST);
    int[] rest =
        IntStream.range(0, parts.length)
            .filter(i -> parts[i] == Part.ALL || parts[i] == Part.TRAINING)
            .toArray();
    shuffle(rest, new Random(seed));
    int forTest = givenTest.length > 0 ? 0 : share(test, rest.length);
    int forValidation = givenValidation.length > 0 ? 0 : share(validation, rest.length);
    int begin = Math.min(rest.length, forTest + forValidation);
    return new SampleSplit(
        sorted(rest, begin, rest.length),
        givenValidation.length > 0 ? givenValidation : sorted(rest, forTest, begin),
        givenTest.length > 0 ? givenTest : sorted(rest, 0, Math.min(forTest, begin)));
  }

  /**
   * Picks some positions at even intervals: samples are often sorted by their class.
   *
   * @param positions the positions
   * @param most how many to pick at most
   * @return all of them if there are no more
   */
  public static int[] evenly(int[] positions, int most) {
    int count = Math.min(most, positions.length);
    return IntStream.range(0, count)
        .map(i -> positions[(int) ((long) i * positions.length / count)])
        .toArray();
  }

  private static int share(double fraction, int count) {
    return (int) Math.max(1, Math.round(fraction * count));
  }

  private static int[] positions(Part[] parts, Part wanted) {
    return IntStream.range(0, parts.length).filter(i -> parts[i] == wanted).toArray();
  }

  private static void shuffle(int[] values, Random random) {
    for (int i = values.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int moved = values[i];
      values[i] = values[other];
      values[other] = moved;
    }
  }

  private static int[] sorted(int[] values, int from, int to) {
    int[] part = Arrays.copyOfRange(values, from, to);
    Arrays.sort(part);
    return part;
  }
}
