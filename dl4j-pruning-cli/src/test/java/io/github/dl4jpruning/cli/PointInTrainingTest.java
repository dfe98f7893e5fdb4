package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTrainingTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "3, 300",
    "3e, 300",
    "3 epochs, 300",
    "1 Epoch, 100",
    "1.5, 150",
    "0.251e, 25",
    "800i, 800",
    "1 iteration, 1",
    "800 iterations, 800",
    "7.0i, 7"
  })
  void shouldUnderstandAPerson(String text, int iteration) {
    assertThat(PointInTraining.parse(text).iteration(100)).isEqualTo(iteration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "3 weeks", "e", "1e3", "NaN", "2.5i", "1,5"})
  void shouldRefuseEverythingElse(String text) {
    assertThatThrownBy(() -> PointInTraining.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but found '" + text + "'");
  }
}
