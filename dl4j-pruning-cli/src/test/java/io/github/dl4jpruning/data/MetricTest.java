package io.github.dl4jpruning.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Metrics against their definitions, worked out by hand. */
class MetricTest {

  private static INDArray rows(float[]... rows) {
    return Nd4j.createFromArray(rows);
  }

  @Test
  void shouldMeasureClasses() {
    INDArray labels =
        rows(
            new float[] {1, 0, 0},
            new float[] {0, 1, 0},
            new float[] {0, 1, 0},
            new float[] {0, 0, 1});
    INDArray predictions =
        rows(
            new float[] {.8f, .1f, .1f},
            new float[] {.2f, .7f, .1f},
            new float[] {.6f, .3f, .1f},
            new float[] {.1f, .1f, .8f});
    assertThat(Metric.ACCURACY.of(labels, predictions)).isEqualTo(0.75);
    // F1 of the classes: 2/3 (one of two predicted, one of one found), 2/3, 1.
    assertThat(Metric.F1.of(labels, predictions))
        .isCloseTo((2 / 3.0 + 2 / 3.0 + 1) / 3, within(1e-6));
    // Class 0: .8 above .2, .6 and .1, so 1; class 1: .7 and .3 above .1 and .1, so 1; class 2: 1.
    assertThat(Metric.AUC.of(labels, predictions)).isCloseTo(1.0, within(1e-6));
  }

  @Test
  void shouldMeasureNumbers() {
    INDArray labels = rows(new float[] {1}, new float[] {2}, new float[] {3}, new float[] {6});
    INDArray predictions = rows(new float[] {1}, new float[] {3}, new float[] {3}, new float[] {4});
    assertThat(Metric.MSE.of(labels, predictions)).isCloseTo(5 / 4.0, within(1e-6));
    assertThat(Metric.MAE.of(labels, predictions)).isCloseTo(3 / 4.0, within(1e-6));
    assertThat(Metric.R2.of(labels, predictions)).isCloseTo(1 - 5 / 14.0, within(1e-6));
    assertThat(Metric.MSE.isHigherBetter()).isFalse();
    assertThat(Metric.R2.isHigherBetter()).isTrue();
  }

  @Test
  void shouldRefuseOtherShapes() {
    assertThatThrownBy(() -> Metric.MSE.of(Nd4j.zeros(2, 1), Nd4j.zeros(2, 3)))
        .hasMessageContaining("[2, 1]")
        .hasMessageContaining("[2, 3]");
  }
}
