package io.github.dl4jpruning.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.00%, 0%",
    "0.5, 50.00%, 50%",
    "0.9, 90.00%, 90%",
    "0.984375, 98.44%, 98.44%",
    "0.9999, 99.99%, 99.99%",
    "0.99999, 99.999%, 99.999%",
    "0.999999, 99.9999%, 99.9999%",
    "0.00001, 0.001%, 0.001%",
    "1, 100.00%, 100%",
    "NaN, NaN%, NaN%"
  })
  void shouldNotRoundTheTruthAway(double fraction, String text, String brief) {
    assertThat(Percent.of(fraction)).isEqualTo(text);
    assertThat(Percent.brief(fraction)).isEqualTo(brief);
  }

  @Property
  void shouldBeWithinHalfOfItsLastDigit(@ForAll @DoubleRange(max = 1.0) double fraction) {
    String text = Percent.of(fraction);
    BigDecimal shown = new BigDecimal(text.substring(0, text.length() - 1));
    assertThat(shown.doubleValue() / 100)
        .isCloseTo(fraction, org.assertj.core.data.Offset.offset(5.001e-5));
    assertThat(shown.signum() == 0).isEqualTo(fraction < 1e-14 || fraction == 0.0);
  }
}
