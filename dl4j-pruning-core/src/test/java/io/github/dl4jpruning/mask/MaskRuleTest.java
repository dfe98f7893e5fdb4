package io.github.dl4jpruning.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MaskRuleTest {

  @Test
  void weightsReturnWhereMasksAreMadeFromScratch() {
    assertThat(MaskRule.regrow().followsFalls()).isTrue();
    assertThat(MaskRule.hardThresholding().followsFalls()).isTrue();
    for (MaskRule rule :
        List.of(MaskRule.monotone(), MaskRule.rigl(0.3, 10), MaskRule.set(0.3, 10, 1))) {
      assertThat(rule.followsFalls()).as("%s", rule).isFalse();
    }
  }

  @Test
  void eachRuleIsCalledByItsName() {
    assertThat(MaskRule.monotone()).hasToString("monotone");
    assertThat(MaskRule.regrow()).hasToString("regrow");
    assertThat(MaskRule.hardThresholding()).hasToString("hardThresholding");
    assertThat(MaskRule.rigl(0.3, 10)).hasToString("rigl(0.3, until 10)");
    assertThat(MaskRule.set(0.3, 10, 1)).hasToString("set(0.3, until 10)");
  }

  @Test
  void onlyTheFractionOfRigLFalls() {
    MaskRule.Exchange rigl = (MaskRule.Exchange) MaskRule.rigl(0.4, 4);
    assertThat(rigl.fractionAt(1)).isCloseTo(0.2 * (1 + Math.sqrt(0.5)), within(1e-12));
    assertThat(rigl.fractionAt(3)).isCloseTo(0.2 * (1 - Math.sqrt(0.5)), within(1e-12));
    MaskRule.Exchange set = (MaskRule.Exchange) MaskRule.set(0.4, 4, 9);
    assertThat(set.fractionAt(3)).isEqualTo(0.4);
    assertThat(set.fractionAt(4)).isZero();
    assertThat(set.seed()).isEqualTo(9);
  }

  @Test
  void nothingIsExchangedWithoutAFraction() {
    for (double bad : new double[] {0.0, 1.0, Double.NaN}) {
      assertThatThrownBy(() -> MaskRule.set(bad, 10, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("fraction must be in (0, 1), but is " + bad);
    }
    assertThat(((MaskRule.Exchange) MaskRule.rigl(0.5, 1)).fractionAt(0)).isEqualTo(0.5);
  }

  @Test
  void shouldRefuseRulesThatAreNone() {
    assertThatThrownBy(() -> MaskRule.rigl(0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fraction must be in (0, 1), but is 0.0");
    assertThatThrownBy(() -> MaskRule.rigl(1, 10)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MaskRule.rigl(Double.NaN, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MaskRule.set(.3, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("until must be 1 or more, but is 0");
    assertThatThrownBy(() -> new MaskRule.Exchange(null, .3, 5, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theExchangedFractionFallsAlongACosine() {
    MaskRule.Exchange rigl = (MaskRule.Exchange) MaskRule.rigl(.3, 100);
    assertThat(rigl.fractionAt(0)).isEqualTo(.3);
    assertThat(rigl.fractionAt(50)).isCloseTo(.15, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(rigl.fractionAt(100)).isZero();
    assertThat(rigl.fractionAt(1000)).isZero();
    MaskRule.Exchange set = (MaskRule.Exchange) MaskRule.set(.3, 100, 7);
    assertThat(set.fractionAt(99)).isEqualTo(.3);
    assertThat(set.fractionAt(100)).isZero();
  }
}
