package io.github.dl4jpruning.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.testing.Tensors;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RandomCriterionTest {

  private static double[] scores(long seed, String layer, int length) {
    return ImportanceCriterion.random(seed)
        .score(
            new WeightTensor(
                Tensors.parameter(layer, length),
                3,
                () -> new double[length],
                () -> new double[length],
                memory -> new double[length]));
  }

  /** A training that is resumed on another machine has to draw the same numbers. */
  @Example
  void theNumbersOfASeedAreTheSameInEveryVersion() {
    assertThat(RandomCriterion.uniform(42, "layer0.W", 0, 3))
        .containsExactly(0.9494282722572251, 0.8465027194134095, 0.412706249933704);
    assertThat(RandomCriterion.uniform(-7, "conv.W", 1_000, 3))
        .containsExactly(0.32697645708209, 0.42903433007751135, 0.5624138024063474);
  }

  @Property(tries = 50)
  void nothingButSeedNameAndRoundDecides(@ForAll long seed, @ForAll String name) {
    double[] numbers = RandomCriterion.uniform(seed, name, 5, 40);

    assertThat(numbers).isEqualTo(RandomCriterion.uniform(seed, name, 5, 40));
    assertThat(Arrays.copyOf(numbers, 7)).isEqualTo(RandomCriterion.uniform(seed, name, 5, 7));
    assertThat(numbers)
        .isNotEqualTo(RandomCriterion.uniform(seed + 1, name, 5, 40))
        .isNotEqualTo(RandomCriterion.uniform(seed, name + "a", 5, 40))
        .isNotEqualTo(RandomCriterion.uniform(seed, name, 6, 40));
  }

  @Example
  void scoresAreUniformBetweenZeroAndOne() {
    double[] scores = scores(11, "hidden", 10_000);

    int[] tenths = new int[10];
    for (double score : scores) {
      assertThat(score).isGreaterThanOrEqualTo(0.0).isLessThan(1.0);
      tenths[(int) (10 * score)]++;
    }
    for (int count : tenths) {
      assertThat(count).isBetween(850, 1_150); // five standard deviations
    }
    assertThat(Arrays.stream(scores).average().orElseThrow()).isCloseTo(0.5, within(0.02));
  }

  @Example
  void scoresAreThoseOfTheFirstRound() {
    assertThat(scores(11, "hidden", 5)).isEqualTo(RandomCriterion.uniform(11, "hidden.W", 0, 5));
    assertThat(ImportanceCriterion.random(11)).hasToString("random(11)");
  }
}
