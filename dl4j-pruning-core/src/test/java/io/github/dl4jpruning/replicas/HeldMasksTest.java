package io.github.dl4jpruning.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;

/** Copies that are averaged after rounds of several iterations, as DL4J on Spark does it. */
class HeldMasksTest {

  private static PruningListener.Builder builder() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 2, 17))
        .updateEvery(4);
  }

  private static MultiLayerNetwork copy(MultiLayerNetwork original) {
    MultiLayerNetwork copy = original.clone();
    copy.setListeners();
    copy.setIterationCount(original.getIterationCount());
    return copy;
  }

  /** Lets a copy hold masks that travelled by name. */
  private static void hold(MultiLayerNetwork copy, PruningListener pruning, boolean changed) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    pruning.state().tensors().forEach(tensor -> masks.put(tensor.name(), tensor.mask()));
    HeldMasks held = changed ? HeldMasks.of(copy, masks) : HeldMasks.ofPruned(copy, masks);
    copy.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            held.beforeStep();
          }

          @Override
          public void iterationDone(Model model, int iteration, int epoch) {
            held.afterStep();
          }
        });
  }

  /** Sets the averages of weights and updater state, and counts the iterations. */
  private static void average(
      MultiLayerNetwork original, List<MultiLayerNetwork> copies, int iterations) {
    INDArray weights = original.params().mul(0);
    INDArray state = original.getUpdater().getStateViewArray().mul(0);
    for (MultiLayerNetwork copy : copies) {
      weights.addi(copy.params().div(copies.size()));
      state.addi(copy.getUpdater().getStateViewArray().div(copies.size()));
    }
    original.setParams(weights);
    original.getUpdater().getStateViewArray().assign(state);
    original.setIterationCount(original.getIterationCount() + iterations);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "3, 1", "2, 5"})
  void shouldHaveTheSameMasksOnAllCopiesAndTheirAverage(int copies, int iterations) {
    for (IUpdater updater : List.of(new Adam(0.01), new RmsProp(0.01))) {
      for (MaskRule rule : List.of(MaskRule.monotone(), MaskRule.rigl(0.3, 15))) {
        Recipe recipe = Recipe.of(Kind.CONVOLUTION).with(updater);
        MultiLayerNetwork original = recipe.build();
        original.initGradientsView();
        List<Integer> updates = new ArrayList<>();
        PruningListener pruning = builder().rule(rule).build();
        pruning.addEventListener(
            new PruningEventListener() {
              @Override
              public void onMasksUpdated(MasksUpdated event) {
                updates.add(event.iteration());
              }
            });
        pruning.attachTo(original);
        int batch = 0;
        while (original.getIterationCount() < 25) {
          List<MultiLayerNetwork> trained = new ArrayList<>();
          for (int c = 0; c < copies; c++) {
            trained.add(copy(original));
          }
          List<Mask> before = pruning.masks();
          pruning.beforeRound(original, iterations);
          for (MultiLayerNetwork copy : trained) {
            hold(copy, pruning, !before.equals(pruning.masks()));
            for (int i = 0; i < iterations; i++) {
              copy.fit(recipe.batch(batch++));
            }
          }
          average(original, trained, iterations);
          pruning.afterRound(original);
          for (MultiLayerNetwork copy : trained) {
            assertThat(Invariants.zeroWeights(copy)).isEqualTo(Invariants.zeroWeights(original));
          }
          assertThat(pruning.movedWeights()).isEmpty();
        }
        assertThat(pruning.isAtTarget()).isTrue();
        assertThat(updates).hasSizeGreaterThanOrEqualTo(4);
        assertThat(updates.get(updates.size() - 1)).isBetween(17, 17 + iterations);
      }
    }
  }

  /** One copy and rounds of one iteration are plain training. */
  @Test
  void shouldBeTheSameAsOneNetworkToTheBit() {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION).with(new Adam(0.01));
    MultiLayerNetwork plain = recipe.build();
    builder().build().attachTo(plain);
    MultiLayerNetwork original = recipe.build();
    original.initGradientsView();
    PruningListener pruning = builder().build();
    pruning.attachTo(original);
    for (int t = 0; t < 20; t++) {
      plain.fit(recipe.batch(t));
      MultiLayerNetwork copy = copy(original);
      List<Mask> before = pruning.masks();
      pruning.beforeRound(original, 1);
      hold(copy, pruning, !before.equals(pruning.masks()));
      copy.fit(recipe.batch(t));
      average(original, List.of(copy), 1);
      pruning.afterRound(original);
      assertThat(original.params().distance2(plain.params())).as("after step %d", t).isZero();
    }
    assertThat(pruning.isAtTarget()).isTrue();
  }

  @Test
  void shouldNameWhatDoesNotFit() {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();
    assertThatThrownBy(() -> HeldMasks.of(network, Map.of("conv.W", Mask.dense(5))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a tensor conv.W of 5 weights, but found [conv.b of 4, conv.W of 72");
    HeldMasks none = HeldMasks.of(network, Map.of());
    none.beforeStep();
    none.afterStep();

    PruningListener hard = builder().rule(MaskRule.hardThresholding()).build();
    hard.attachTo(network);
    assertThatThrownBy(() -> hard.beforeRound(network, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("hardThresholding");
    assertThatThrownBy(() -> hard.afterRound(Recipe.of(Kind.DENSE).build()))
        .hasMessageContaining("the network that this listener prunes");
  }
}
