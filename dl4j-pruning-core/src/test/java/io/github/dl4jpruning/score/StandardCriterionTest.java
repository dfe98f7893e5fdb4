package io.github.dl4jpruning.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Tensors;
import java.util.List;
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
        memory ->
            switch (memory) {
              case INITIAL_WEIGHTS -> new double[] {-0.5, 3.0, 0.5, 0.25};
              case MOVEMENT -> new double[] {0.1, -0.2, 0.3, -0.4};
              case SQUARED_GRADIENTS -> new double[] {0.5, 0.25, 8.0, 3.0};
              case SQUARED_INPUTS -> new double[] {4.0, 0.25, 16.0, 1.0};
            });
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
    assertThat(ImportanceCriterion.fisher().score(tensor(5))).containsExactly(0.5, 1.0, 2.0, 0.0);
    assertThat(ImportanceCriterion.activation().score(tensor(5)))
        .containsExactly(2.0, 1.0, 2.0, 0.0);
  }

  @Test
  void ranksAreThoseWithinAnOutput() {
    // Two outputs with three inputs each, the inputs of an output one behind the other.
    KernelLayout layout = KernelLayout.of("oi", List.of(2L, 3L), List.of(3L, 1L));
    assertThat(OutputRanks.of(layout, new double[] {5, 1, 3, 100, 300, 200}))
        .containsExactly(2.5 / 3, 0.5 / 3, 1.5 / 3, 0.5 / 3, 2.5 / 3, 1.5 / 3);
    // The same, the outputs of an input one behind the other.
    KernelLayout other = KernelLayout.of("io", List.of(3L, 2L), List.of(2L, 1L));
    assertThat(OutputRanks.of(other, new double[] {5, 100, 1, 300, 3, 200}))
        .containsExactly(2.5 / 3, 0.5 / 3, 0.5 / 3, 2.5 / 3, 1.5 / 3, 1.5 / 3);
    assertThat(OutputRanks.of(layout, new double[] {1, 1, 1, 0, 0, 2}))
        .as("of equals the later one is lower")
        .containsExactly(2.5 / 3, 1.5 / 3, 0.5 / 3, 1.5 / 3, 0.5 / 3, 2.5 / 3);
    assertThat(ImportanceCriterion.activationPerOutput().score(tensor(5)))
        .as("a tensor of one input for each output")
        .containsOnly(0.5);
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
        case FISHER -> assertThat(criterion.remembers()).containsExactly(Memory.SQUARED_GRADIENTS);
        case ACTIVATION, ACTIVATION_PER_OUTPUT ->
            assertThat(criterion.remembers()).containsExactly(Memory.SQUARED_INPUTS);
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
            "magnitude",
            "gradient",
            "taylor",
            "snip",
            "movement",
            "magnitudeIncrease",
            "fisher",
            "activation",
            "activationPerOutput");
  }

  @Test
  void aTensorTellsWhatAndWhenItIs() {
    assertThat(tensor(7).name()).isEqualTo("hidden.W");
    assertThat(tensor(7).parameter()).isSameAs(PARAMETER);
    assertThat(tensor(7).iteration()).isEqualTo(7);
  }
}
