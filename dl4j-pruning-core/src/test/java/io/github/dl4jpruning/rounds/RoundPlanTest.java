package io.github.dl4jpruning.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.rounds.RoundPlan.Attempt;
import io.github.dl4jpruning.rounds.RoundPlan.Bisection;
import io.github.dl4jpruning.rounds.RoundPlan.Next;
import io.github.dl4jpruning.rounds.RoundPlan.Stop;
import io.github.dl4jpruning.rounds.RoundPlan.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class RoundPlanTest {

  private static final List<Retry> BOTH = List.of(Retry.MORE_EPOCHS, Retry.SMALLER_STEP);

  /** Plays a plan to its end; an attempt succeeds if the rule says so. */
  private static List<PruningRound> play(RoundPlan plan, Predicate<Attempt> succeeds) {
    List<PruningRound> rounds = new ArrayList<>();
    Next next = plan.next(0.0, rounds);
    while (next instanceof Attempt attempt) {
      boolean good = succeeds.test(attempt);
      rounds.add(
          new PruningRound(
              rounds.size() + 1,
              attempt.target(),
              attempt.target(),
              0.5,
              attempt.longer(),
              1,
              good,
              "scored"));
      assertThat(rounds.size()).as("rounds").isLessThan(200);
      next = plan.next(0.0, rounds);
    }
    return rounds;
  }

  private static List<Double> targets(List<PruningRound> rounds) {
    return rounds.stream().map(PruningRound::target).toList();
  }

  @Test
  void targetsAreTriedInOrder() {
    RoundPlan plan = new Targets(List.of(.5, .9, .95), BOTH);

    List<PruningRound> rounds = play(plan, attempt -> true);

    assertThat(targets(rounds)).containsExactly(.5, .9, .95);
    assertThat(plan.next(0.0, rounds))
        .isEqualTo(new Stop(true, "All targets were reached, the last one is 95%."));
  }

  @Test
  void aTargetThatFailsIsTriedLongerThenInTwoSteps() {
    RoundPlan plan = new Targets(List.of(.5, .99), BOTH);

    // nothing helps for .99.
    List<PruningRound> rounds = play(plan, attempt -> attempt.target() < .99);

    double middle = RoundPlan.between(.5, .99);
    assertThat(middle).isCloseTo(1.0 - Math.sqrt(.5 * .01), within(1e-12));
    assertThat(targets(rounds)).containsExactly(.5, .99, .99, middle, .99);
    assertThat(rounds.stream().map(PruningRound::epochs)).containsExactly(1, 1, 2, 2, 2);
    Stop stop = (Stop) plan.next(0.0, rounds);
    assertThat(stop.complete()).isFalse();
    assertThat(stop.reason()).contains("99% was not reached", "scored", "92.93%");
  }

  @Test
  void retriesBeginAnewForEachTarget() {
    RoundPlan plan = new Targets(List.of(.5, .9), List.of(Retry.MORE_EPOCHS));

    List<PruningRound> rounds = play(plan, attempt -> attempt.longer() == 2);

    assertThat(targets(rounds)).containsExactly(.5, .5, .9, .9);
  }

  @Test
  void withoutRetriesTheFirstFailureEndsIt() {
    RoundPlan plan = new Targets(List.of(.5, .9), List.of());

    List<PruningRound> rounds = play(plan, attempt -> false);

    assertThat(rounds).hasSize(1);
    assertThat(((Stop) plan.next(0.0, rounds)).reason()).contains("50% was not reached", "0%");
  }

  @Property
  void bisectionEndsAtTheLimitWithinTheTolerance(
      @ForAll @Scale(4) @DoubleRange(min = 0.01, max = 0.9989) double limit,
      @ForAll @Scale(4) @DoubleRange(min = 0.0005, max = 0.2) double tolerance) {
    RoundPlan plan = new Bisection(.999, tolerance, List.of());

    List<PruningRound> rounds = play(plan, attempt -> attempt.target() <= limit);

    double found = RoundPlan.kept(0.0, rounds);
    assertThat(found).isLessThanOrEqualTo(limit).isGreaterThanOrEqualTo(limit - tolerance);
  }

  @Test
  void bisectionTriesLongerBeforeItTurnsBack() {
    RoundPlan plan = new Bisection(.99, .5, List.of(Retry.MORE_EPOCHS));

    List<PruningRound> rounds = play(plan, attempt -> attempt.longer() == 2);

    double first = RoundPlan.between(0.0, .99);
    assertThat(targets(rounds).subList(0, 2)).containsExactly(first, first);
    assertThat(rounds.get(1).accepted()).isTrue();
  }

  @Test
  void aBisectionThatFindsNothingSaysSo() {
    RoundPlan plan = new Bisection(.9, .1, List.of());

    List<PruningRound> rounds = play(plan, attempt -> false);

    Stop stop = (Stop) plan.next(0.0, rounds);
    assertThat(stop.complete()).isFalse();
    assertThat(stop.reason()).contains("No sparsity was found");
  }

  @Test
  void geometricTargetsRemoveTheSameShareOfWhatIsLeft() {
    assertThat(RoundPlan.geometric(3, .992))
        .satisfiesExactly(
            s -> assertThat(s).isCloseTo(.8, within(1e-12)),
            s -> assertThat(s).isCloseTo(.96, within(1e-12)),
            s -> assertThat(s).isEqualTo(.992));
  }

  @Test
  void badPlansAreRefused() {
    assertThatThrownBy(() -> new Bisection(.9, .1, BOTH).check(.85))
        .hasMessageContaining("must leave room");
    assertThatThrownBy(() -> new Targets(List.of(), BOTH)).hasMessageContaining("but are none");
    assertThatThrownBy(() -> new Targets(List.of(.5, .5), BOTH))
        .hasMessageContaining("targets must rise");
    assertThatThrownBy(() -> new Targets(List.of(0.0), BOTH)).hasMessageContaining("first above 0");
    assertThatThrownBy(() -> new Targets(List.of(1.0), BOTH)).hasMessageContaining("[0, 1)");
    assertThatThrownBy(() -> new Bisection(.9, 0.0, BOTH)).hasMessageContaining("tolerance");
    assertThatThrownBy(() -> new Bisection(Double.NaN, .1, BOTH)).hasMessageContaining("most");
    assertThatThrownBy(() -> RoundPlan.geometric(0, .9)).hasMessageContaining("rounds");
  }
}
