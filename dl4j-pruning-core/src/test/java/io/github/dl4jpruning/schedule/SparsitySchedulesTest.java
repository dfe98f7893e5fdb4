package io.github.dl4jpruning.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

class SparsitySchedulesTest {

  /** Every schedule that moves from one value to another. */
  private static List<SparsitySchedule> ramps(
      ScheduleType type, double from, double to, int begin, int end) {
    return List.of(
        new PolynomialSchedule(type, from, to, begin, end, 3),
        new PolynomialSchedule(type, from, to, begin, end, 1),
        new PolynomialSchedule(type, from, to, begin, end, .5),
        new io.github.dl4jpruning.schedule.ExponentialSchedule(type, from, to, begin, end),
        new CosineSchedule(type, from, to, begin, end),
        new OneCycleSchedule(type, from, to, begin, end),
        new StepwiseSchedule(type, from, to, begin, end, 1),
        new StepwiseSchedule(type, from, to, begin, end, 4));
  }

  private static List<SparsitySchedule> all(ScheduleType type) {
    List<SparsitySchedule> all = new ArrayList<>(ramps(type, .1, .9, 100, 500));
    all.add(new OneShotSchedule(type, .7, 42));
    all.add(new DenseSparseDenseSchedule(type, .6, 10, 20, 30, 50));
    all.add(new PeakedSchedule(new StepSchedule(type, .8, .5, 10), .8, true));
    return all;
  }

  @Property
  void everyRampMeetsItsEndsExactlyAndRisesInBetween(
      @ForAll @DoubleRange(min = 0, max = .5) double from,
      @ForAll @DoubleRange(min = .5, max = .99) double to,
      @ForAll @IntRange(max = 50) int begin,
      @ForAll @IntRange(max = 60) int length) {
    int end = begin + length;
    for (SparsitySchedule schedule : ramps(ScheduleType.ITERATION, from, to, begin, end)) {
      for (int t = 0; t < begin; t++) {
        assertThat(schedule.valueAt(t, 9)).as("%s at %d", schedule, t).isEqualTo(from);
      }
      for (int t = end; t < end + 5; t++) {
        assertThat(schedule.valueAt(t, 0)).as("%s at %d", schedule, t).isEqualTo(to);
      }
      double last = from;
      for (int t = begin; t <= end; t++) {
        double value = schedule.valueAt(t, 0);
        assertThat(value).as("%s at %d", schedule, t).isBetween(last - 1e-12, to + 1e-12);
        last = value;
      }
      assertThat(schedule.peak()).isEqualTo(to);
      assertThat(schedule.falls()).isFalse();
    }
  }

  @Property(tries = 200)
  void theLastValueIsMetWhateverTheInterval(
      @ForAll @IntRange(max = 80) int begin,
      @ForAll @IntRange(max = 80) int length,
      @ForAll @IntRange(min = 1, max = 300) int updateEvery) {
    int end = begin + length;
    for (SparsitySchedule schedule : ramps(ScheduleType.ITERATION, 0, .9, begin, end)) {
      List<UpdateTiming.Update> updates =
          new UpdateTiming(schedule, updateEvery).updates(end + 2, 10);
      UpdateTiming.Update last = updates.get(updates.size() - 1);
      assertThat(last.sparsity()).as("%s", schedule).isEqualTo(.9);
      assertThat(last.iteration()).isLessThanOrEqualTo(end);
    }
  }

  @Test
  void formulasGiveWhatTheyShould() {
    SparsitySchedule exponential = SparsitySchedules.exponential(0, .9, 0, 10);
    for (int t = 0; t < 10; t++) {
      double left = 1 - exponential.valueAt(t, 0);
      double next = 1 - exponential.valueAt(t + 1, 0);
      assertThat(next / left).isCloseTo(Math.pow(.1, .1), within(1e-12));
    }
    SparsitySchedule cosine = SparsitySchedules.cosine(.2, .8, 0, 100);
    assertThat(cosine.valueAt(50, 0)).isCloseTo(.5, within(1e-12));
    assertThat(cosine.valueAt(25, 0)).isCloseTo(.8 - .6 * (1 + Math.sqrt(.5)) / 2, within(1e-12));
    SparsitySchedule oneCycle = SparsitySchedules.oneCycle(0, .9, 0, 100);
    assertThat(oneCycle.valueAt(50, 0))
        .isCloseTo(.9 * (1 + Math.exp(-9)) / (1 + Math.exp(-2)), within(1e-12));
    assertThat(oneCycle.valueAt(1, 0)).isBetween(.006, .01);
  }

  /** A start above 0 stretches each formula between its two ends. */
  @Test
  void formulasBeginWhereTheyShould() {
    SparsitySchedule exponential = SparsitySchedules.exponential(.5, .75, 0, 2);
    assertThat(exponential.valueAt(1, 0)).isCloseTo(1 - Math.sqrt(.5 * .25), within(1e-12));
    SparsitySchedule oneCycle = SparsitySchedules.oneCycle(.2, .7, 0, 100);
    assertThat(oneCycle.valueAt(50, 0))
        .isCloseTo(.2 + .5 * (1 + Math.exp(-9)) / (1 + Math.exp(-2)), within(1e-12));
    SparsitySchedule stepwise = SparsitySchedules.stepwise(.2, .8, 0, 10, 3);
    assertThat(stepwise.valueAt(0, 0)).isCloseTo(.4, within(1e-12));
    assertThat(stepwise.valueAt(5, 0)).isCloseTo(.6, within(1e-12));
  }

  @Test
  void onlyStepsJumpAtTheirBegin() {
    for (SparsitySchedule schedule : ramps(ScheduleType.ITERATION, .3, .9, 10, 50)) {
      Ramp ramp = (Ramp) schedule;
      boolean steps = ramp instanceof StepwiseSchedule several && several.steps() > 1;
      assertThat(ramp.jumpsAtBegin()).as("%s", ramp).isEqualTo(steps);
      if (steps) {
        assertThat(ramp.valueAt(10, 0)).isCloseTo(.3 + .6 / 4, within(1e-12));
      } else {
        assertThat(ramp.valueAt(10, 0)).as("%s", ramp).isEqualTo(.3);
      }
    }
  }

  @Test
  void eachScheduleTellsItsPeakAndWhetherItFalls() {
    assertThat(SparsitySchedules.oneShot(.7, 42).peak()).isEqualTo(.7);
    assertThat(SparsitySchedules.oneShot(.7, 42).falls()).isFalse();
    assertThat(SparsitySchedules.denseSparseDense(.6, 1, 2, 3, 4).falls()).isTrue();
    assertThat(SparsitySchedules.denseSparseDense(0, 1, 2, 3, 4).falls()).isFalse();
    for (SparsitySchedule falling : ramps(ScheduleType.ITERATION, .9, .3, 10, 50)) {
      assertThat(falling.peak()).as("%s", falling).isEqualTo(.9);
      assertThat(falling.falls()).as("%s", falling).isTrue();
    }
  }

  @Test
  void aSparsityThatIsOneIsGivenBack() {
    assertThat(Sparsity.check(.25, "it")).isEqualTo(.25);
    assertThat(Sparsity.check(0, "it")).isZero();
    assertThatThrownBy(() -> Sparsity.check(1, "it")).hasMessageContaining("it must be a sparsity");
  }

  @Test
  void stepsAreEqualAndTheirEndsAreWhereTheyShouldBe() {
    StepwiseSchedule four = SparsitySchedules.stepwise(0, .8, 100, 400, 4);
    List<UpdateTiming.Update> updates = new UpdateTiming(four, 1000).updates(1000, 100);

    assertThat(updates)
        .extracting(UpdateTiming.Update::iteration)
        .containsExactly(100, 200, 300, 400);
    assertThat(updates.stream().mapToDouble(UpdateTiming.Update::sparsity).toArray())
        .usingComparatorWithPrecision(1e-12)
        .containsExactly(.2, .4, .6, .8);
    // An interval that the steps do not divide.
    assertThat(
            new UpdateTiming(SparsitySchedules.stepwise(0, .9, 0, 10, 4), 100)
                .updates(20, 100).stream().map(UpdateTiming.Update::iteration).toList())
        .containsExactly(0, 4, 7, 10);
    assertThat(new UpdateTiming(SparsitySchedules.stepwise(0, .9, 5, 10, 1), 100).updates(20, 100))
        .containsExactly(new UpdateTiming.Update(10, 0, .9));
  }

  @Test
  void denseSparseDenseRisesHoldsAndFalls() {
    DenseSparseDenseSchedule dsd = SparsitySchedules.denseSparseDense(.6, 10, 20, 30, 50);
    double[][] expected = {
      {0, 0}, {10, 0}, {15, .3}, {20, .6}, {30, .6}, {40, .3}, {45, .15}, {50, 0}, {99, 0}
    };
    for (double[] point : expected) {
      assertThat(dsd.valueAt((int) point[0], 0)).isCloseTo(point[1], within(1e-12));
    }
    assertThat(dsd.falls()).isTrue();
    assertThat(dsd.peak()).isEqualTo(.6);
    DenseSparseDenseSchedule atOnce = SparsitySchedules.denseSparseDense(.6, 10, 10, 30, 30);
    assertThat(atOnce.valueAt(9, 0)).isZero();
    assertThat(atOnce.valueAt(10, 0)).isEqualTo(.6);
    assertThat(atOnce.valueAt(29, 0)).isEqualTo(.6);
    assertThat(atOnce.valueAt(30, 0)).isZero();
  }

  @ParameterizedTest
  @EnumSource(ScheduleType.class)
  void jsonThereAndBackGivesAnEqualSchedule(ScheduleType type) throws Exception {
    for (ISchedule schedule : all(type)) {
      String json = NeuralNetConfiguration.mapper().writeValueAsString(schedule);
      ISchedule back = NeuralNetConfiguration.mapper().readValue(json, ISchedule.class);
      assertThat(back).as(json).isEqualTo(schedule);
      for (int t = 0; t < 600; t += 7) {
        assertThat(back.valueAt(t, t)).isEqualTo(schedule.valueAt(t, t));
      }
      assertThat(schedule.clone()).isEqualTo(schedule);
    }
  }

  @Test
  void epochSchedulesCountEpochsAndNothingElse() {
    for (ISchedule schedule : all(ScheduleType.EPOCH)) {
      for (int epoch = 0; epoch < 60; epoch++) {
        assertThat(schedule.valueAt(3, epoch)).isEqualTo(schedule.valueAt(12_345, epoch));
      }
      List<UpdateTiming.Update> updates = new UpdateTiming(schedule, 7).updates(600 * 3, 3);
      assertThat(updates)
          .as("%s", schedule)
          .isNotEmpty()
          .allSatisfy(update -> assertThat(update.iteration() % 3).isZero());
    }
  }

  @Test
  void anyScheduleOfNd4jServes() {
    ISchedule map =
        new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.0, 13, 0.3, 21, 0.6)));
    assertThat(new UpdateTiming(map, 50).updates(40, 10))
        .containsExactly(new UpdateTiming.Update(13, 1, .3), new UpdateTiming.Update(21, 2, .6));
    for (ISchedule nd4j :
        List.of(
            new StepSchedule(ScheduleType.ITERATION, .1, 2.0, 10),
            new ExponentialSchedule(ScheduleType.ITERATION, .01, 1.05),
            new InverseSchedule(ScheduleType.ITERATION, .9, .01, .5))) {
      assertThat(new UpdateTiming(nd4j, 5).updates(30, 10)).isNotEmpty();
    }
    assertThat(new UpdateTiming(map, 1).progress(.3)).isNaN();
    assertThat(new UpdateTiming(map, 1).progress(0)).isZero();
    assertThat(new UpdateTiming(SparsitySchedules.withPeak(map, .6), 1).progress(.3)).isEqualTo(.5);
    assertThat(new UpdateTiming(SparsitySchedules.linear(0, .8, 0, 10), 1).progress(.2))
        .isCloseTo(.25, within(1e-12));
    assertThatThrownBy(() -> SparsitySchedules.withPeak(map, .5).valueAt(21, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("peak of 0.5")
        .hasMessageContaining("0.6");
  }

  @Test
  void badValuesAreRefusedWhenBuilt() {
    double[] sparsities = {-.1, 1, 1.5, Double.NaN, Double.POSITIVE_INFINITY};
    for (double bad : sparsities) {
      refused(() -> ramps(ScheduleType.ITERATION, bad, .5, 0, 1).get(0));
      refused(
          () ->
              new io.github.dl4jpruning.schedule.ExponentialSchedule(
                  ScheduleType.EPOCH, 0, bad, 0, 1));
      refused(() -> SparsitySchedules.exponential(bad, .5, 0, 1));
      refused(() -> SparsitySchedules.cosine(0, bad, 0, 1));
      refused(() -> SparsitySchedules.cosine(bad, .5, 0, 1));
      refused(() -> SparsitySchedules.oneCycle(0, bad, 0, 1));
      refused(() -> SparsitySchedules.oneCycle(bad, 0, 0, 1));
      refused(() -> SparsitySchedules.stepwise(0, bad, 0, 1, 2));
      refused(() -> SparsitySchedules.stepwise(bad, .5, 0, 1, 2));
      refused(() -> SparsitySchedules.denseSparseDense(bad, 0, 1, 2, 3));
      refused(() -> SparsitySchedules.oneShot(bad, 3));
      refused(() -> SparsitySchedules.withPeak(SparsitySchedules.constant(.1), bad));
    }
    refused(() -> SparsitySchedules.exponential(0, .5, -1, 1));
    refused(() -> SparsitySchedules.cosine(0, .5, 5, 4));
    refused(() -> SparsitySchedules.oneCycle(0, .5, 5, 4));
    refused(() -> SparsitySchedules.stepwise(0, .5, 5, 4, 2));
    refused(() -> SparsitySchedules.stepwise(0, .5, 5, 9, 0));
    refused(() -> SparsitySchedules.denseSparseDense(.5, -1, 1, 2, 3));
    refused(() -> SparsitySchedules.denseSparseDense(.5, 1, 0, 2, 3));
    refused(() -> SparsitySchedules.denseSparseDense(.5, 0, 2, 1, 3));
    refused(() -> SparsitySchedules.denseSparseDense(.5, 0, 1, 3, 2));
    refused(() -> SparsitySchedules.denseSparseDense(.5, 3, 3, 3, 3));
    refused(() -> SparsitySchedules.withPeak(null, .5));
    refused(() -> SparsitySchedules.withPeak(SparsitySchedules.constant(.1), 0));
    refused(() -> new CosineSchedule(null, 0, .5, 0, 1));
    refused(() -> new UpdateTiming(SparsitySchedules.constant(.1), 1).updates(0, 1));
    refused(() -> new UpdateTiming(SparsitySchedules.constant(.1), 1).updates(1, 0));
  }

  private static void refused(Supplier<Object> value) {
    assertThatThrownBy(value::get).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRampThatGoesNowhereStaysWhereItIs() {
    for (double sparsity : new double[] {.1, .3, .7, .9}) {
      for (SparsitySchedule ramp : ramps(ScheduleType.ITERATION, sparsity, sparsity, 0, 100)) {
        for (int t = 0; t < 110; t++) {
          assertThat(ramp.valueAt(t, 0)).as("%s at %d", ramp, t).isEqualTo(sparsity);
        }
      }
    }
  }
}
