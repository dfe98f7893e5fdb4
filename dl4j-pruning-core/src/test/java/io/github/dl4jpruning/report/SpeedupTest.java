package io.github.dl4jpruning.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpeedupTest {

  @Test
  void shouldShowARatioWithItsSpread() {
    Speedup speedup =
        Speedup.of(new double[] {3, 3, 3, 30, 3.3, 2.7, 3}, new double[] {2, 2, 2, 2, 2, 2, 2});

    assertThat(speedup.before()).isEqualTo(3.0);
    assertThat(speedup.after()).isEqualTo(2.0);
    assertThat(speedup.ratio()).isEqualTo(1.5);
    assertThat(speedup.isDifference()).isTrue();
    assertThat(speedup).hasToString("1.50× (1.50 to 1.65)");
  }

  @Test
  void shouldSayThatThereIsNoDifferenceWithinTheSpread() {
    Speedup speedup =
        Speedup.of(new double[] {2.2, 1.8, 2, 2.2}, new double[] {2.0, 2.0, 2.0, 2.0});

    assertThat(speedup.isDifference()).isFalse();
    assertThat(speedup).hasToString("no difference measured (1.00 to 1.10)");
  }

  @Test
  void shouldKnowASlowerOne() {
    Speedup speedup = Speedup.of(new double[] {1, 1, 1}, new double[] {2, 2, 2});

    assertThat(speedup.isDifference()).isTrue();
    assertThat(speedup).hasToString("0.50× (0.50 to 0.50)");
  }

  @Test
  void shouldNotBeMovedByADriftThatHitsBoth() {
    double[] before = new double[20];
    double[] after = new double[20];
    for (int i = 0; i < 20; i++) {
      before[i] = 1 + i; // the machine becomes slower and slower
      after[i] = (1 + i) / 2.0;
    }

    assertThat(Speedup.of(before, after)).hasToString("2.00× (2.00 to 2.00)");
  }

  @Test
  void shouldRefuseTimesThatDoNotBelongTogether() {
    assertThatThrownBy(() -> Speedup.of(new double[] {1}, new double[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 1 and 2");
    assertThatThrownBy(() -> Speedup.of(new double[0], new double[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
