package io.github.dl4jpruning.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class PolynomialScheduleTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.2",
    "99, 0.2",
    "100, 0.2",
    "102, 0.4928",
    "105, 0.725",
    "110, 0.8",
    "111, 0.8",
    "100000, 0.8"
  })
  void shouldFollowTheCubicAndBeConstantOutside(int iteration, double expected) {
    ISchedule schedule = SparsitySchedules.polynomial(0.2, 0.8, 100, 110);

    assertThat(schedule.valueAt(iteration, 7)).isCloseTo(expected, within(1e-12));
  }

  @Test
  void shouldReachNinetyPercentInTenUpdates() {
    ISchedule schedule = SparsitySchedules.polynomial(0, 0.9, 0, 10);
    double[] expected = {0, .2439, .4392, .5913, .7056, .7875, .8424, .8757, .8928, .8991, .9};

    for (int t = 0; t <= 10; t++) {
      assertThat(schedule.valueAt(t, 0)).isCloseTo(expected[t], within(1e-12));
    }
  }

  @Test
  void shouldMeetItsEndsWithoutRounding() {
    ISchedule schedule = SparsitySchedules.polynomial(0.1, 0.7, 3, 1_000_003);

    assertThat(schedule.valueAt(3, 0)).isEqualTo(0.1);
    assertThat(schedule.valueAt(1_000_003, 0)).isEqualTo(0.7);
  }

  @Test
  void shouldBeLinearForPowerOne() {
    ISchedule schedule = SparsitySchedules.linear(0, 0.8, 10, 18);

    assertThat(schedule.valueAt(14, 0)).isCloseTo(0.4, within(1e-12));
    assertThat(schedule.valueAt(17, 0)).isCloseTo(0.7, within(1e-12));
  }

  @Test
  void shouldBeAStepWhereBeginIsEnd() {
    ISchedule schedule = SparsitySchedules.polynomial(0.1, 0.9, 50, 50);

    assertThat(schedule.valueAt(49, 0)).isEqualTo(0.1);
    assertThat(schedule.valueAt(50, 0)).isEqualTo(0.9);
  }

  @Test
  void shouldCountEpochsIfToldSo() {
    ISchedule schedule = SparsitySchedules.linear(ScheduleType.EPOCH, 0, 0.8, 0, 8);

    assertThat(schedule.valueAt(1_000_000, 4)).isCloseTo(0.4, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.0, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void shouldRefuseWhatIsNoSparsity(double bad) {
    assertThatThrownBy(() -> SparsitySchedules.polynomial(0, bad, 0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[0, 1)")
        .hasMessageContaining(String.valueOf(bad));
    assertThatThrownBy(() -> SparsitySchedules.linear(bad, 0.5, 0, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SparsitySchedules.oneShot(bad, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SparsitySchedules.constant(bad))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseATimeThatIsNone() {
    assertThatThrownBy(() -> SparsitySchedules.polynomial(0, 0.9, -1, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("begin")
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> SparsitySchedules.polynomial(0, 0.9, 10, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("end is 9 and begin is 10");
    assertThatThrownBy(() -> SparsitySchedules.oneShot(0.5, -2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-2");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void shouldRefuseAPowerThatIsNotAboveZero(double bad) {
    assertThatThrownBy(() -> new PolynomialSchedule(ScheduleType.ITERATION, 0, 0.9, 0, 10, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("power");
  }

  @Test
  void shouldSurviveJson() throws Exception {
    List<ISchedule> schedules =
        List.of(
            SparsitySchedules.polynomial(0.1, 0.9, 100, 700),
            SparsitySchedules.linear(ScheduleType.EPOCH, 0, 0.8, 1, 5),
            SparsitySchedules.oneShot(0.5, 30),
            SparsitySchedules.constant(0.25));

    for (ISchedule schedule : schedules) {
      String json = JsonMappers.getMapper().writeValueAsString(schedule);
      assertThat(JsonMappers.getMapper().readValue(json, ISchedule.class)).isEqualTo(schedule);
    }
  }
}
