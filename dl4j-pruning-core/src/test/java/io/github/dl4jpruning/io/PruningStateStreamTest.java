package io.github.dl4jpruning.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream.Expected;
import io.github.dl4jpruning.mask.Mask;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruningStateStreamTest {

  private static final List<Long> SHAPE = List.of(2L, 3L);
  private static final int LENGTH = 6;

  private static byte[] written(double[] initialWeights, double[] movement) throws IOException {
    Mask mask = Mask.of(new boolean[] {true, false, true, true, false, true});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PruningStateStream.write(
        new PruningState(
            "recipe",
            0.25,
            PruningState.Origin.START,
            List.of(
                new TensorState("a.W", SHAPE, mask, initialWeights, movement),
                new TensorState("b.W", SHAPE, mask, new double[0], movement))),
        out);
    return out.toByteArray();
  }

  private static List<Expected> expected(boolean initialWeights, boolean movement) {
    return List.of(
        new Expected("a.W", SHAPE, LENGTH, initialWeights, movement),
        new Expected("b.W", SHAPE, LENGTH, false, movement));
  }

  /** What nobody has asked for takes no room, and what follows is read all the same. */
  @Test
  void shouldPassOverWhatIsNotExpected() throws IOException {
    double[] first = {1, 2, 3, 4, 5, 6};
    double[] second = {-1, -2, -3, -4, -5, -6};
    byte[] bytes = written(first, second);

    PruningState all =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(true, true));
    assertThat(all.tensors().get(0).initialWeights()).containsExactly(first);
    assertThat(all.tensors().get(1).movement()).containsExactly(second);

    PruningState some =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(false, true));
    assertThat(some.tensors().get(0).initialWeights()).hasSize(1);
    assertThat(some.tensors().get(0).movement()).containsExactly(second);
    assertThat(some.tensors().get(1).initialWeights()).isEmpty();

    PruningState none =
        PruningStateStream.read(new ByteArrayInputStream(bytes), expected(false, false));
    assertThat(none.tensors().get(1).movement()).hasSize(1);
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
}
