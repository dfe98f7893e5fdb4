package io.github.dl4jpruning.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream.Expected;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PruningStateStreamTest {

  private static final List<Long> SHAPE = List.of(2L, 3L);
  private static final int LENGTH = 6;

  private static Map<Memory, double[]> map(double[] initialWeights, double[] movement) {
    Map<Memory, double[]> map = new EnumMap<>(Memory.class);
    if (initialWeights.length > 0) {
      map.put(Memory.INITIAL_WEIGHTS, initialWeights);
    }
    if (movement.length > 0) {
      map.put(Memory.MOVEMENT, movement);
    }
    return map;
  }

  private static byte[] written(double[] initialWeights, double[] movement) throws IOException {
    return written(map(initialWeights, movement), map(new double[0], movement));
  }

  private static byte[] written(Map<Memory, double[]> first, Map<Memory, double[]> second)
      throws IOException {
    Mask mask = Mask.of(new boolean[] {true, false, true, true, false, true});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PruningStateStream.write(
        new PruningState(
            "recipe",
            0.25,
            PruningState.Origin.START,
            List.of(
                new TensorState("a.W", SHAPE, mask, first),
                new TensorState("b.W", SHAPE, mask, second))),
        out);
    return out.toByteArray();
  }

  private static List<Expected> expected(boolean initialWeights, boolean movement) {
    Set<Memory> second = movement ? Set.of(Memory.MOVEMENT) : Set.of();
    Set<Memory> first = new HashSet<>(second);
    if (initialWeights) {
      first.add(Memory.INITIAL_WEIGHTS);
    }
    return List.of(
        new Expected("a.W", SHAPE, LENGTH, first), new Expected("b.W", SHAPE, LENGTH, second));
  }

  /** What nobody has asked for takes no room, and what follows is read all the same. */
  @Test
  void shouldPassOverWhatIsNotExpected() throws IOException {
    double[] first = {1, 2, 3, 4, 5, 6};
    double[] second = {-1, -2, -3, -4, -5, -6};
    byte[] bytes = written(first, second);

    PruningState all =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(true, true));
    assertThat(all.tensors().get(0).remembered().get(Memory.INITIAL_WEIGHTS))
        .containsExactly(first);
    assertThat(all.tensors().get(1).remembered().get(Memory.MOVEMENT)).containsExactly(second);

    PruningState some =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(false, true));
    assertThat(some.tensors().get(0).remembered().get(Memory.INITIAL_WEIGHTS)).isEmpty();
    assertThat(some.tensors().get(0).remembered().get(Memory.MOVEMENT)).containsExactly(second);
    assertThat(some.tensors().get(1).remembered()).containsOnlyKeys(Memory.MOVEMENT);

    PruningState none =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(false, false));
    assertThat(none.tensors().get(1).remembered().get(Memory.MOVEMENT)).isEmpty();
    assertThat(none.tensors().get(1).mask()).isEqualTo(all.tensors().get(1).mask());
  }

  @Test
  void shouldRefuseAnotherFlag() throws IOException {
    byte[] bytes = written(new double[0], new double[0]);
    // the second last flag stands before the last one and the checksum
    bytes[bytes.length - Long.BYTES - 2] = 2;

    assertThatThrownBy(
            () -> PruningStateStream.read(new ByteArrayInputStream(bytes), expected(false, false)))
        .isInstanceOf(IOException.class)
        .hasMessage("expected 0 or 1 before remembered values, but found 2");
  }

  /** The number of the version is the int after the eight letters. */
  private static int version(byte[] bytes) {
    return bytes[11];
  }

  @Test
  void shouldWriteTheLowestVersionThatHoldsEverything() throws IOException {
    double[] values = {1, 2, 3, 4, 5, 6};
    for (Memory memory : Memory.values()) {
      boolean old = memory == Memory.INITIAL_WEIGHTS || memory == Memory.MOVEMENT;
      byte[] bytes = written(Map.of(), Map.of(memory, values));
      assertThat(version(bytes)).as("%s", memory).isEqualTo(old ? 1 : 3);

      List<Expected> expected =
          List.of(
              new Expected("a.W", SHAPE, LENGTH, Set.of()),
              new Expected("b.W", SHAPE, LENGTH, Set.of(memory)));
      PruningState state = PruningStateStream.read(new ByteArrayInputStream(bytes), expected);
      assertThat(state.tensors().get(0).remembered()).isEmpty();
      assertThat(state.tensors().get(1).remembered()).containsOnlyKeys(memory);
      assertThat(state.tensors().get(1).remembered().get(memory)).containsExactly(values);
    }
    assertThat(version(written(Map.of(), Map.of()))).isEqualTo(1);
  }
}
