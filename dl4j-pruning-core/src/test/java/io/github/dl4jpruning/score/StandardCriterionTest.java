package io.github.dl4jpruning.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Tensors;
import org.junit.jupiter.api.Test;

class StandardCriterionTest {

  private static final PrunableParameter PARAMETER = Tensors.parameter("hidden", 4);

  /** All that a criterion can ask for, different in each array. */
  private static WeightTensor tensor(int iteration) {
    return new WeightTensor(
        PARAMETER,
        iteration,
        () -> new double[] {1.0, -2.0, 0.5, 0.0},
        () -> new double[] {-3.0, 0.5, 4.0, 7.0},
        () -> new double[] {-0.5, 3.0, 0.5, 0.25},
        () -> new double[] {0.1, -0.2, 0.3, -0.4});
  }

  @Test
  void eachCriterionHasItsFormula() {
    assertThat(ImportanceCriterion.magnitude().score(tensor(5))).containsExactly(1.0, 2.0, 0.5, 0);
    assertThat(ImportanceCriterion.gradient().score(tensor(5))).containsExactly(3.0, 0.5, 4.0, 7.0);
    assertThat(ImportanceCriterion.taylor().score(tensor(5))).containsExactly(3.0, 1.0, 2.0, 0.0);
    assertThat(ImportanceCriterion.snip().score(tensor(0))).containsExactly(3.0, 1.0, 2.0, 0.0);
    assertThat(ImportanceCriterion.movement().score(tensor(5)))
        .containsExactly(0.1, -0.2, 0.3, -0.4);
    // What has shrunk is below zero.
    assertThat(ImportanceCriterion.magnitudeIncrease().score(tensor(5)))
        .containsExactly(0.5, -1.0, 0.0, -0.25);
  }

  @Test
  void snipScoresBeforeTrainingOnly() {
    assertThatThrownBy(() -> ImportanceCriterion.snip().score(tensor(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at iteration 0, but the update is at iteration 1")
        .hasMessageContaining("taylor");
  }

  /** It costs 8 bytes per weight, so nothing is remembered that nobody looks at. */
  @Test
  void nothingIsRememberedThatIsNotNeeded() {
    for (StandardCriterion criterion : StandardCriterion.values()) {
      switch (criterion) {
        case MOVEMENT -> assertThat(criterion.remembers()).containsExactly(Memory.MOVEMENT);
        case MAGNITUDE_INCREASE ->
            assertThat(criterion.remembers()).containsExactly(Memory.INITIAL_WEIGHTS);
        default -> assertThat(criterion.remembers()).as("%s", criterion).isEmpty();
      }
    }
    assertThat(ImportanceCriterion.random(1).remembers()).isEmpty();
  }

  @Test
  void eachIsCalledAsInARecipe() {
    assertThat(StandardCriterion.values())
        .extracting(StandardCriterion::toString)
        .containsExactly(
            "magnitude", "gradient", "taylor", "snip", "movement", "magnitudeIncrease");
  }

  @Test
  void aTensorTellsWhatAndWhenItIs() {
    assertThat(tensor(7).name()).isEqualTo("hidden.W");
    assertThat(tensor(7).parameter()).isSameAs(PARAMETER);
    assertThat(tensor(7).iteration()).isEqualTo(7);
  }
}
