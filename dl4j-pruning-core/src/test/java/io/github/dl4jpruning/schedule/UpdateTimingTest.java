package io.github.dl4jpruning.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
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
}
