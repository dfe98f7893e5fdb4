package io.github.dl4jpruning.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class UpdateTimingTest {

  /** Iterations at which masks change, when nothing but the iteration is known. */
  private static Map<Integer, Double> updates(
      ISchedule schedule, int updateEvery, int first, int iterations, int epochLength) {
    UpdateTiming timing = new UpdateTiming(schedule, updateEvery);
    Map<Integer, Double> updates = new TreeMap<>();
    double current = 0;
    for (int t = first; t < iterations; t++) {
      if (timing.isDue(current, t, t / epochLength)) {
        current = timing.sparsityAt(t, t / epochLength);
        updates.put(t, current);
      }
    }
    return updates;
  }

  @Property
  void everyIterationFromTheEndOnHasTheFinalSparsity(
      @ForAll @IntRange(max = 300) int begin,
      @ForAll @IntRange(max = 300) int length,
      @ForAll @IntRange(min = 1, max = 1000) int updateEvery,
      @ForAll @IntRange(max = 900) int start) {
    int end = begin + length;
    UpdateTiming timing =
        new UpdateTiming(SparsitySchedules.polynomial(0, 0.9, begin, end), updateEvery);
    double current = 0;
    for (int t = start; t < start + end + 2; t++) {
      if (timing.isDue(current, t, 0)) {
        double next = timing.sparsityAt(t, 0);
        assertThat(next).isGreaterThan(current);
        current = next;
      }
      if (t >= end) {
        assertThat(current).isEqualTo(0.9);
      }
    }
  }

  @Test
  void shouldUpdateAtMultiplesAndAtTheEnd() {
    assertThat(updates(SparsitySchedules.polynomial(0, 0.9, 5, 47), 10, 0, 100, 1000).keySet())
        .containsExactly(10, 20, 30, 40, 47);
  }

  @Test
  void shouldFireAStepAtItsStepWhateverTheInterval() {
    assertThat(updates(SparsitySchedules.oneShot(0.5, 33), 1000, 0, 100, 1000))
        .containsExactly(Map.entry(33, 0.5));
    assertThat(updates(SparsitySchedules.constant(0.5), 1000, 0, 100, 1000))
        .containsExactly(Map.entry(0, 0.5));
    assertThat(updates(SparsitySchedules.polynomial(0.1, 0.9, 50, 50), 7, 0, 100, 1000).keySet())
        .containsExactly(0, 50);
  }

  @Test
  void shouldFollowASchedulesOfNd4j() {
    ISchedule map =
        new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 13, 0.3, 21, 0.6)));

    assertThat(updates(map, 100, 0, 50, 1000))
        .containsExactly(Map.entry(13, 0.3), Map.entry(21, 0.6));
  }

  @Test
  void shouldUpdateByEpochAtTheFirstIterationOfAnEpochAndNowhereElse() {
    ISchedule schedule = SparsitySchedules.linear(ScheduleType.EPOCH, 0, 0.8, 1, 5);

    assertThat(updates(schedule, 10, 0, 7 * 13, 13).keySet()).containsExactly(26, 39, 52, 65);
  }

  @Test
  void shouldGoOnFromAnyIterationAsIfItHadSeenTheOthers() {
    ISchedule schedule = SparsitySchedules.polynomial(0, 0.9, 0, 60);
    Map<Integer, Double> whole = updates(schedule, 10, 0, 100, 1000);
    UpdateTiming timing = new UpdateTiming(schedule, 10);

    for (int cut = 1; cut < 100; cut++) {
      int at = cut;
      List<Integer> after = new ArrayList<>();
      double current =
          whole.entrySet().stream()
              .filter(e -> e.getKey() < at)
              .mapToDouble(Map.Entry::getValue)
              .max()
              .orElse(0);
      for (int t = cut; t < 100; t++) {
        if (timing.isDue(current, t, 0)) {
          current = timing.sparsityAt(t, 0);
          after.add(t);
        }
      }
      assertThat(after).isEqualTo(whole.keySet().stream().filter(t -> t >= at).toList());
    }
  }

  @Test
  void shouldRefuseBadValues() {
    assertThatThrownBy(() -> new UpdateTiming(null, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schedule");
    for (int bad : new int[] {0, -5, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> new UpdateTiming(SparsitySchedules.constant(0.5), bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("updateEvery must be 1 or more, but is " + bad);
    }
    UpdateTiming rising =
        new UpdateTiming(
            new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 3, 1.2))), 1);
    assertThatThrownBy(() -> rising.isDue(0, 3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("iteration 3")
        .hasMessageContaining("1.2");
  }

  @Test
  void shouldTellWhereASparsityIsReached() {
    UpdateTiming byIteration = new UpdateTiming(SparsitySchedules.linear(0.0, 0.8, 10, 50), 7);
    assertThat(byIteration.reaches(0.8)).contains(new UpdateTiming.Point("iteration", 50));
    assertThat(byIteration.reaches(0.4)).contains(new UpdateTiming.Point("iteration", 30));
    assertThat(byIteration.reaches(0.0)).contains(new UpdateTiming.Point("iteration", 0));
    assertThat(byIteration.reaches(0.81)).isEmpty();
    UpdateTiming byEpoch =
        new UpdateTiming(SparsitySchedules.linear(ScheduleType.EPOCH, 0.0, 0.8, 1, 5), 7);
    assertThat(byEpoch.reaches(0.8)).contains(new UpdateTiming.Point("epoch", 5));
    assertThat(new UpdateTiming(SparsitySchedules.constant(0.5), 3).reaches(0.5))
        .contains(new UpdateTiming.Point("iteration", 0));
    // One that falls, and one that does not tell, have no such point.
    assertThat(new UpdateTiming(SparsitySchedules.denseSparseDense(.5, 1, 2, 3, 4), 1).reaches(0.5))
        .isEmpty();
    ISchedule map = new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 13, 0.3)));
    assertThat(new UpdateTiming(map, 1).reaches(0.3)).isEmpty();
  }

  @Test
  void shouldTellTheProgressWithinAScheduleThatKnowsItsPeak() {
    UpdateTiming known = new UpdateTiming(SparsitySchedules.linear(0.0, 0.8, 10, 50), 7);
    assertThat(known.progress(0.0)).isZero();
    assertThat(known.progress(0.2)).isEqualTo(0.25);
    assertThat(known.progress(0.8)).isEqualTo(1.0);
    ISchedule map = new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 13, 0.3)));
    assertThat(new UpdateTiming(map, 1).progress(0.3)).isNaN();
    assertThat(new UpdateTiming(map, 1).progress(0.0)).isZero();
  }

  @Test
  void shouldPreviewTheUpdates() {
    UpdateTiming timing = new UpdateTiming(SparsitySchedules.linear(0.0, 0.8, 10, 50), 20);

    assertThat(timing.updates(60, 16))
        .extracting(UpdateTiming.Update::iteration)
        .containsExactly(20, 40, 50);
    assertThat(timing.updates(60, 16))
        .extracting(UpdateTiming.Update::epoch)
        .containsExactly(1, 2, 3);
    assertThat(timing.updates(60, 16).get(0).sparsity()).isCloseTo(0.2, within(1e-12));
    assertThat(timing.updates(50, 16)).hasSize(2);
    assertThat(timing.updates(1, 1)).isEmpty();
    for (int[] bad : new int[][] {{0, 1}, {1, 0}}) {
      assertThatThrownBy(() -> timing.updates(bad[0], bad[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be 1 or more, but are " + bad[0] + " and " + bad[1]);
    }
  }

  @Test
  void shouldCountFromTheStartUnlessToldOtherwise() {
    ISchedule schedule = SparsitySchedules.constant(0.5);
    assertThat(new UpdateTiming(schedule, 3).countFrom()).isEqualTo(CountFrom.START_OF_TRAINING);
    assertThatThrownBy(() -> new UpdateTiming(schedule, 3, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("countFrom must be set");
    assertThat(new UpdateTiming(schedule, 1).updateEvery()).isEqualTo(1);
  }

  /** A value that rounds to 1 is let through, so that a budget may remove all but one. */
  @Test
  void shouldRefuseValuesOutsideOfARange() {
    for (double bad : new double[] {-0.1, 1.5, Double.NaN}) {
      ISchedule schedule = new FixedSchedule(bad);
      assertThatThrownBy(() -> new UpdateTiming(schedule, 1).sparsityAt(7, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("iteration 7, epoch 2");
    }
  }

  /**
   * Whoever asks at every n-th iteration only finds each update, at the first question after it.
   */
  @Test
  void ofSeveralIterationsNoneIsMissed() {
    UpdateTiming timing = new UpdateTiming(SparsitySchedules.linear(0, .9, 3, 95), 7);
    for (int stride = 1; stride <= 12; stride++) {
      for (int t = 0; t < 95; t += stride) {
        int from = t - stride + 1;
        int asked = t;
        boolean expected =
            t > 3 && java.util.stream.IntStream.rangeClosed(from, asked).anyMatch(i -> i % 7 == 0);
        assertThat(timing.isDue(0, t, 0, stride)).as("%d by %d", t, stride).isEqualTo(expected);
      }
      assertThat(timing.isDue(0.5, 96, 0, stride)).as("at the end").isTrue();
    }
  }
}
