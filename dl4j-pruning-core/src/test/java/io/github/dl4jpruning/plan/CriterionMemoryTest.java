package io.github.dl4jpruning.plan;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class CriterionMemoryTest {

  private final MultiLayerNetwork network = SmallNetworks.normalised();
  private final NetworkParameters parameters = NetworkParameters.of(network);
  private final List<PrunableParameter> selected =
      ParameterFilter.weights().select(parameters.parameters(), parameters.layers());
  private final List<Mask> masks = selected.stream().map(p -> Mask.dense(p.length())).toList();

  private CriterionMemory memory(ImportanceCriterion criterion) {
    return new CriterionMemory(criterion, parameters, selected);
  }

  private WeightTensor first(CriterionMemory memory) {
    return memory.views(masks, 3, false).get(0).weights();
  }

  @Test
  void initialWeightsAreThoseOfTheBeginning() {
    double[] before = parameters.values(selected.get(0));
    CriterionMemory memory = memory(ImportanceCriterion.magnitudeIncrease());
    SmallNetworks.setChannels(network, "first", 9.0, 8.0, 7.0, 6.0);

    assertThat(first(memory).initialWeights()).isEqualTo(before);
    first(memory).initialWeights()[0] = 77; // a copy
    assertThat(first(memory).initialWeights()).isEqualTo(before);
    assertThat(first(memory).weights()).containsExactly(9, 9, 8, 8, 7, 7, 6, 6);
  }

  @Test
  void movementIsSummedUpUntilAnUpdate() {
    CriterionMemory memory = memory(ImportanceCriterion.movement());
    assertThat(first(memory).movement()).containsOnly(0.0).hasSize(8);
    SmallNetworks.computeGradient(network);
    memory.observe();
    memory.observe();

    double[] weights = first(memory).weights();
    double[] gradients = first(memory).gradients();
    double[] movement = first(memory).movement();
    for (int i = 0; i < 8; i++) {
      assertThat(gradients[i]).isNotZero();
      assertThat(movement[i]).isCloseTo(-2 * weights[i] * gradients[i], within(1e-6));
    }
    memory.updateDone();
    assertThat(first(memory).movement()).containsOnly(0.0);
  }

  @Test
  void whatIsNotRememberedCannotBeAskedFor() {
    CriterionMemory memory = memory(ImportanceCriterion.magnitude());
    assertThatThrownBy(() -> first(memory).movement())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the criterion magnitude asks for MOVEMENT, but its remembers() does not name it");
    assertThatThrownBy(() -> first(memory).initialWeights())
        .hasMessageContaining("asks for INITIAL_WEIGHTS");
  }

  @Test
  void viewsShowTheTensorsAsTheyAre() {
    CriterionMemory memory = memory(ImportanceCriterion.magnitude());
    List<TensorView> plain = memory.views(masks, 3, false);
    assertThat(plain).extracting(view -> view.parameter().name()).isEqualTo(names(selected));
    assertThat(plain).extracting(TensorView::mask).isEqualTo(masks);
    assertThat(plain.get(0).weights().iteration()).isEqualTo(3);
    assertThat(plain.get(0).outputScales()).isEmpty();
    // Only the first layer has a batch normalisation behind it.
    List<TensorView> scaled = memory.views(masks, 3, true);
    assertThat(scaled.get(0).outputScales().orElseThrow()).containsExactly(1.0, 1.0, 1.0, 1.0);
    assertThat(scaled.get(1).outputScales()).isEmpty();
  }

  private static List<String> names(List<PrunableParameter> parameters) {
    return parameters.stream().map(PrunableParameter::name).toList();
  }

  @Test
  void aStateHasWhatIsRememberedAndNoMore() {
    CriterionMemory plain = memory(ImportanceCriterion.magnitude());
    CriterionMemory initial = memory(ImportanceCriterion.magnitudeIncrease());
    CriterionMemory moving = memory(ImportanceCriterion.movement());

    TensorState state = initial.states(masks).get(0);
    assertThat(state.name()).isEqualTo("first.W");
    assertThat(state.shape()).containsExactly(2L, 4L);
    assertThat(state.mask()).isSameAs(masks.get(0));
    assertThat(state.remembered().get(Memory.INITIAL_WEIGHTS))
        .isEqualTo(parameters.values(selected.get(0)));
    assertThat(state.remembered()).containsOnlyKeys(Memory.INITIAL_WEIGHTS);
    assertThat(moving.states(masks).get(0).remembered()).containsOnlyKeys(Memory.MOVEMENT);
    assertThat(moving.states(masks).get(0).remembered().get(Memory.MOVEMENT)).hasSize(8);
    for (CriterionMemory memory : List.of(plain, initial, moving)) {
      for (CriterionMemory other : List.of(plain, initial, moving)) {
        assertThat(memory.fits(other.states(masks))).isEqualTo(memory == other);
      }
    }
  }

  @Test
  void whatAStateMayHoldIsKnownBeforeItIsRead() {
    CriterionMemory initial = memory(ImportanceCriterion.magnitudeIncrease());
    assertThat(initial.expected())
        .extracting(expected -> expected.name())
        .containsExactly("first.W", "second.W", "output.W");
    assertThat(initial.expected())
        .allMatch(expected -> expected.remembered().equals(Set.of(Memory.INITIAL_WEIGHTS)));
    assertThat(initial.expected().get(0).length()).isEqualTo(8);
    assertThat(memory(ImportanceCriterion.movement()).expected())
        .allMatch(expected -> expected.remembered().equals(Set.of(Memory.MOVEMENT)));
    assertThat(initial.possible())
        .extracting(expected -> expected.name())
        .isEqualTo(names(parameters.parameters()));
  }

  @Test
  void aStateIsTakenOver() {
    CriterionMemory before = memory(ImportanceCriterion.movement());
    SmallNetworks.computeGradient(network);
    before.observe();
    CriterionMemory initial = memory(ImportanceCriterion.magnitudeIncrease());
    double[] weights = first(initial).initialWeights();
    SmallNetworks.setChannels(network, "first", 9.0, 8.0, 7.0, 6.0);

    CriterionMemory after = memory(ImportanceCriterion.movement());
    List<TensorState> states = before.states(masks);
    after.restore(states);
    assertThat(first(after).movement()).isEqualTo(first(before).movement());
    states.get(0).remembered().get(Memory.MOVEMENT)[0] = 77; // a copy was taken
    assertThat(first(after).movement()).isEqualTo(first(before).movement());
    CriterionMemory later = memory(ImportanceCriterion.magnitudeIncrease());
    later.restore(initial.states(masks));
    assertThat(first(later).initialWeights()).isEqualTo(weights);
    // A state without it leaves what is there.
    later.restore(before.states(masks));
    assertThat(first(later).initialWeights()).isEqualTo(weights);
  }

  @Test
  void ofAnotherConfigurationWhatFitsIsTakenOver() {
    CriterionMemory memory = memory(ImportanceCriterion.movement());
    double[] sums = {1, 2, 3, 4, 5, 6, 7, 8};
    TensorState fits =
        new TensorState(
            "first.W",
            List.of(2L, 4L),
            mask(1, 0, 1, 1, 1, 1, 1, 1),
            Map.of(Memory.MOVEMENT, sums));
    TensorState otherShape =
        new TensorState(
            "second.W", List.of(3L, 3L), Mask.dense(9), Map.of(Memory.MOVEMENT, new double[9]));

    CriterionMemory.Matched matched = memory.restoreMatching(List.of(otherShape, fits));

    assertThat(matched.masks()).containsExactly(fits.mask(), Mask.dense(12), Mask.dense(6));
    assertThat(matched.complete()).isFalse();
    assertThat(matched.lost()).containsExactly("second.W");
    assertThat(first(memory).movement()).isEqualTo(sums);
    assertThat(memory.restoreMatching(memory.states(masks)).complete()).isTrue();
    assertThat(memory.restoreMatching(memory.states(masks)).lost()).isEmpty();
    List<TensorState> one = memory.states(masks).subList(0, 1);
    assertThat(memory.restoreMatching(one).complete()).isFalse();
    List<TensorState> more = new java.util.ArrayList<>(memory.states(masks));
    more.add(otherShape);
    assertThat(memory.restoreMatching(more).complete()).as("something is lost").isFalse();
  }
}
