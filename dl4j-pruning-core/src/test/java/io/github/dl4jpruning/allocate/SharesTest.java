package io.github.dl4jpruning.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharesTest {

  private static Contender contender(String layer, int weights) {
    return Tensors.contender(layer, IntStream.range(1, weights + 1).asDoubleStream().toArray());
  }

  private static final List<Contender> TENSORS =
      List.of(contender("a", 10), contender("b", 20), contender("c", 30));

  @Test
  void theTotalIsThatOfAllTensors() {
    assertThat(Shares.total(TENSORS, 0.5)).isEqualTo(30.0);
    assertThat(Shares.total(TENSORS, 0.0)).isZero();
    assertThat(Shares.total(TENSORS.subList(0, 1), 0.25)).isEqualTo(3.0); // half up
  }

  @Test
  void moreThanMayGoIsRefused() {
    Shares.checkFits(TENSORS, 57.0); // each tensor keeps one
    assertThatThrownBy(() -> Shares.checkFits(TENSORS, 58.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot remove 58 weights: at most 57 may go, 1 fewer");
    List<Contender> floored =
        List.of(TENSORS.get(0).keepingAtLeast(4), TENSORS.get(1), TENSORS.get(2));
    assertThatThrownBy(() -> Shares.checkFits(floored, 56.0))
        .hasMessageContaining("at most 54 may go, 2 fewer; floors and the pattern keep a.W 4 of 10")
        .hasMessageNotContaining("b.W");
  }

  @Test
  void sharesAreInProportionUnlessALimitStopsThem() {
    double[] weights = {1.0, 2.0, 3.0};
    long[] least = {0, 0, 0};
    assertThat(Shares.share(weights, least, new long[] {100, 100, 100}, 12.0))
        .containsExactly(new double[] {2.0, 4.0, 6.0}, within(1e-9));
    assertThat(Shares.share(weights, least, new long[] {100, 100, 3}, 12.0))
        .containsExactly(new double[] {3.0, 6.0, 3.0}, within(1e-9));
    assertThat(Shares.share(weights, new long[] {5, 0, 0}, new long[] {100, 100, 100}, 10.0))
        .containsExactly(new double[] {5.0, 2.0, 3.0}, within(1e-9));
    assertThat(Shares.share(weights, least, new long[] {1, 2, 3}, 6.0))
        .containsExactly(new double[] {1.0, 2.0, 3.0}, within(1e-9));
    assertThat(Shares.share(weights, least, new long[] {100, 100, 100}, 0.0))
        .containsExactly(new double[] {0.0, 0.0, 0.0}, within(1e-9));
  }

  @Test
  void wholeSharesHaveTheTotal() {
    long[] least = {0, 0, 0};
    long[] most = {9, 19, 29};
    // The largest fraction is rounded up first; of equals, the first name.
    assertThat(Shares.whole(TENSORS, new double[] {1.2, 2.7, 3.1}, least, most, 7.0))
        .containsExactly(1.0, 3.0, 3.0);
    assertThat(Shares.whole(TENSORS, new double[] {1.5, 2.5, 3.0}, least, most, 7.0))
        .containsExactly(2.0, 2.0, 3.0);
    assertThat(Shares.whole(TENSORS, new double[] {1.0, 2.0, 3.0}, least, most, 6.0))
        .containsExactly(1.0, 2.0, 3.0);
    // More than the fractions give: each may get one more, and again.
    assertThat(Arrays.stream(Shares.whole(TENSORS, new double[3], least, most, 7.0)).sum())
        .isEqualTo(7.0);
    // A limit sends the rest elsewhere.
    assertThat(
            Shares.whole(TENSORS, new double[] {1.9, 2.0, 3.0}, least, new long[] {1, 19, 29}, 7.0))
        .containsExactly(1.0, 3.0, 3.0);
    // Floors may make it too much: then some goes back, and never below the least.
    assertThat(Shares.whole(TENSORS, new double[] {1.0, 2.0, 3.0}, new long[] {3, 0, 0}, most, 6.0))
        .containsExactly(3.0, 1.0, 2.0);
  }

  @Test
  void smallWeightsGetTheirShareToo() {
    assertThat(Shares.share(new double[] {0.01, 0.02}, new long[2], new long[] {100, 100}, 30.0))
        .containsExactly(new double[] {10.0, 20.0}, within(1e-9));
  }

  /** The order of the layers must not matter. */
  @Test
  void ofEqualsTheFirstByNameGetsMore() {
    List<Contender> reversed = List.of(TENSORS.get(1), TENSORS.get(0));
    assertThat(
            Shares.whole(reversed, new double[] {2.5, 1.5}, new long[2], new long[] {19, 9}, 4.0))
        .containsExactly(2.0, 2.0);
  }

  @Test
  void aTotalOutOfReachIsMetAsFarAsItGoes() {
    long[] most = {9, 19, 29};
    assertThat(Shares.whole(TENSORS, new double[] {9, 19, 29}, new long[3], most, 60.0))
        .containsExactly(9.0, 19.0, 29.0);
    assertThat(Shares.whole(TENSORS, new double[] {4, 5, 6}, new long[] {4, 5, 6}, most, 2.0))
        .containsExactly(4.0, 5.0, 6.0);
  }
}
