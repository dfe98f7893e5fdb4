package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;

/** A run that was saved and goes on ends in the same bits as one that was not. */
class PruningStateTest {

  private static final int END = 14;

  static List<Supplier<PruningListener>> runs() {
    return List.of(
        () -> builder().build(),
        () -> builder().criterion(ImportanceCriterion.movement()).build(),
        () -> builder().criterion(ImportanceCriterion.magnitudeIncrease()).build(),
        () -> builder().criterion(ImportanceCriterion.fisher()).build(),
        () -> builder().criterion(ImportanceCriterion.activation()).build(),
        () -> builder().criterion(ImportanceCriterion.activationPerOutput()).build(),
        () -> builder().criterion(tensor -> tensor.gradients()).build(),
        () -> builder().rule(MaskRule.rigl(.3, 12)).build(),
        () -> builder().rule(MaskRule.set(.3, 12, 9)).build(),
        () -> builder().rule(MaskRule.hardThresholding()).build(),
        () ->
            builder()
                .schedule(SparsitySchedules.denseSparseDense(.6, 2, 5, 8, 12))
                .rule(MaskRule.regrow())
                .build());
  }

  private static PruningListener.Builder builder() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0, .6, 2, 11))
        .updateEvery(3);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void goesOnToTheBit(Supplier<PruningListener> listener) throws IOException {
    for (IUpdater updater : List.of(new Adam(.01), new RmsProp(.01), new Nesterovs(.01))) {
      Recipe recipe = Recipe.of(Kind.CONVOLUTION).with(updater);
      MultiLayerNetwork whole = recipe.build();
      listener.get().attachTo(whole);
      for (int t = 0; t < END; t++) {
        whole.fit(recipe.batch(t));
      }
      for (int cut : new int[] {0, 1, 4, 6, 7, 12}) {
        MultiLayerNetwork first = recipe.build();
        PruningListener before = listener.get();
        before.attachTo(first);
        for (int t = 0; t < cut; t++) {
          first.fit(recipe.batch(t));
        }
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        ModelSerializer.writeModel(first, model, true);
        byte[] state = state(before);

        MultiLayerNetwork second =
            ModelSerializer.restoreMultiLayerNetwork(
                new ByteArrayInputStream(model.toByteArray()), true);
        PruningListener after = listener.get();
        after.attachTo(second);
        after.readState(new ByteArrayInputStream(state));
        assertThat(after.sparsity()).isEqualTo(before.sparsity());
        for (int t = cut; t < END; t++) {
          second.fit(recipe.batch(t));
        }
        assertThat(Invariants.bits(second)).as("cut at %d", cut).isEqualTo(Invariants.bits(whole));
      }
    }
  }

  private static byte[] state(PruningListener listener) throws IOException {
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    listener.writeState(state);
    return state.toByteArray();
  }

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(.01));
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = builder().build();
    assertThatThrownBy(() -> pruning.writeState(new ByteArrayOutputStream()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attached");
    assertThatThrownBy(() -> pruning.readState(new ByteArrayInputStream(new byte[0])))
        .isInstanceOf(IllegalStateException.class);
    pruning.attachTo(network);
    for (int t = 0; t < 8; t++) {
      network.fit(recipe.batch(t));
    }
    byte[] state = state(pruning);

    MultiLayerNetwork other = recipe.build();
    double[] bits = other.params().toDoubleVector();
    PruningListener wider = builder().updateEvery(4).build();
    wider.attachTo(other);
    assertThatThrownBy(() -> wider.readState(new ByteArrayInputStream(state)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("updateEvery 4")
        .hasMessageContaining("updateEvery 3");
    MultiLayerNetwork fourth = recipe.build();
    PruningListener own = builder().criterion(tensor -> tensor.weights()).build();
    own.attachTo(fourth);
    assertThatThrownBy(() -> own.readState(new ByteArrayInputStream(state)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a lambda")
        .hasMessageContaining("magnitude");
    MultiLayerNetwork third = recipe.build();
    PruningListener fewer =
        builder().parameters(ParameterFilter.weights().exceptLayers("output")).build();
    fewer.attachTo(third);
    assertThatThrownBy(() -> fewer.readState(new ByteArrayInputStream(state)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the state of 2 tensors (hidden.W with the shape 7×11, ")
        .hasMessageContaining("), but found 3");
    MultiLayerNetwork convolution = Recipe.of(Kind.CONVOLUTION).build();
    PruningListener another = builder().build();
    another.attachTo(convolution);
    assertThatThrownBy(() -> another.readState(new ByteArrayInputStream(state)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the state of conv.W");
    assertThat(other.params().toDoubleVector()).isEqualTo(bits);
    assertThat(wider.sparsity()).isZero();
  }

  @Test
  void damagedStatesAreRefusedAndChangeNothing() throws IOException {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(.01));
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = builder().criterion(ImportanceCriterion.movement()).build();
    pruning.attachTo(network);
    for (int t = 0; t < 8; t++) {
      network.fit(recipe.batch(t));
    }
    byte[] state = state(pruning);
    double sparsity = pruning.sparsity();
    double[] params = network.params().toDoubleVector();
    Random random = new Random(4);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = state.clone();
      if (i % 4 == 0) {
        damaged = Arrays.copyOf(state, random.nextInt(state.length));
      } else {
        damaged[random.nextInt(state.length)] ^= (byte) (1 << random.nextInt(8));
      }
      byte[] bad = damaged;
      assertThatThrownBy(() -> pruning.readState(new ByteArrayInputStream(bad)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("expected");
    }
    assertThat(pruning.sparsity()).isEqualTo(sparsity);
    assertThat(network.params().toDoubleVector()).isEqualTo(params);
    pruning.readState(new ByteArrayInputStream(state));
    assertThat(network.params().toDoubleVector()).isEqualTo(params);
  }
}
