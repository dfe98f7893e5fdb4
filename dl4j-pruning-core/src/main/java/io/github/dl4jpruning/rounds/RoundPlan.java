package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.schedule.Sparsity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decides what a pruner in rounds tries next, from the rounds so far. It is a pure function, so
 * that a resumed run continues as if it had not been interrupted.
 */
public sealed interface RoundPlan {

  /** The next action. */
  sealed interface Next {}

  /**
   * Another attempt.
   *
   * @param target the sparsity to prune to
   * @param longer the factor for the number of fine-tuning epochs
   */
  record Attempt(double target, int longer) implements Next {}

  /**
   * The end.
   *
   * @param complete whether all targets were reached
   * @param reason why the run ends
   */
  record Stop(boolean complete, String reason) implements Next {}

  /** Does one round. */
  @FunctionalInterface
  interface Step {
    /**
     * Does one round, and adds it to the list of finished rounds.
     *
     * @param attempt what to try
     * @throws IOException if a file cannot be written
     */
    void take(Attempt attempt) throws IOException;
  }

  /**
   * Does rounds until the plan ends.
   *
   * @param start sparsity before the first round
   * @param done the finished rounds; each step adds one
   * @param step does one round
   * @return why it ended
   * @throws IOException if a step throws it
   */
  default Stop run(double start, List<PruningRound> done, Step step) throws IOException {
    Next next = next(start, done);
    while (next instanceof Attempt attempt) {
      step.take(attempt);
      next = next(start, done);
    }
    return (Stop) next;
  }

  /**
   * Decides what comes next.
   *
   * @param start sparsity before the first round
   * @param done all rounds so far
   * @return the next attempt, or the end
   */
  Next next(double start, List<PruningRound> done);

  /**
   * Returns the maximum number of further rounds if none fails, for an estimate of the time.
   *
   * @param start sparsity before the first round
   * @param done all rounds so far
   * @return a number of rounds
   */
  int roundsLeft(double start, List<PruningRound> done);

  /**
   * Checks that there is something to do.
   *
   * @param start sparsity before the first round
   * @throws IllegalArgumentException if the network is already that sparse
   */
  void check(double start);

  /**
   * Returns the midpoint of two sparsities, in the logarithm of the density.
   *
   * @param lower the lower one
   * @param higher the higher one
   * @return a sparsity
   */
  static double between(double lower, double higher) {
    return 1.0 - Math.sqrt((1.0 - lower) * (1.0 - higher));
  }

  /**
   * Returns sparsities with which each round removes the same fraction of the weights left.
   *
   * @param rounds the number of rounds
   * @param finalSparsity the last sparsity
   * @return rising sparsities
   * @throws IllegalArgumentException if a value is out of range
   */
  static List<Double> geometric(int rounds, double finalSparsity) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be 1 or more, but is " + rounds);
    }
    Sparsity.check(finalSparsity, "finalSparsity");
    return IntStream.rangeClosed(1, rounds)
        .mapToObj(
            i ->
                i == rounds
                    ? finalSparsity
                    : 1.0 - Math.pow(1.0 - finalSparsity, (double) i / rounds))
        .toList();
  }

  /**
   * Returns the sparsity after some rounds.
   *
   * @param start sparsity before the first round
   * @param done the rounds
   * @return the target of the last accepted round; {@code start} if there is none
   */
  static double kept(double start, List<PruningRound> done) {
    return done.stream()
        .filter(PruningRound::accepted)
        .mapToDouble(PruningRound::target)
        .reduce(start, (earlier, later) -> later);
  }

  /**
   * Prunes to one target after the other.
   *
   * @param targets rising sparsities
   * @param retries what to try, in this order, if a target fails; each once per target
   */
  record Targets(List<Double> targets, List<Retry> retries) implements RoundPlan {
    /** Checks the values. */
    public Targets {
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("targets must be one sparsity or more, but are none");
      }
      double last = 0.0;
      for (double target : targets) {
        Sparsity.check(target, "targets");
        if (!(target > last)) {
          throw new IllegalArgumentException(
              "targets must rise, each above the one before and the first above 0, but are "
                  + targets);
        }
        last = target;
      }
      targets = List.copyOf(targets);
      retries = List.copyOf(retries);
    }

    @Override
    public Next next(double start, List<PruningRound> done) {
      Iterator<PruningRound> rounds = done.iterator();
      double kept = start;
      for (double target : targets) {
        Iterator<Retry> retry = retries.iterator();
        double goal = target;
        int longer = 1;
        while (kept < target) {
          if (!rounds.hasNext()) {
            return new Attempt(goal, longer);
          }
          PruningRound round = rounds.next();
          if (round.accepted()) {
            kept = goal;
            goal = target;
          } else if (!retry.hasNext()) {
            return new Stop(
                false,
                Percent.brief(goal)
                    + " was not reached within the allowed drop of the score: "
                    + round.note()
                    + ". The network has "
                    + Percent.brief(kept)
                    + ", the last sparsity that was reached.");
          } else if (retry.next() == Retry.MORE_EPOCHS) {
            longer *= 2;
          } else {
            goal = between(kept, goal);
          }
        }
      }
      return new Stop(
          true, "All targets were reached, the last one is " + Percent.brief(kept) + ".");
    }

    @Override
    public void check(double start) {
      if (targets.get(0) <= start) {
        throw new IllegalArgumentException(
            "targets must be above the sparsity that the network has already, "
                + start
                + ", but the first one is "
                + targets.get(0));
      }
    }

    @Override
    public int roundsLeft(double start, List<PruningRound> done) {
      double kept = kept(start, done);
      return (int) targets.stream().filter(target -> target > kept).count();
    }

    @Override
    public String toString() {
      return "targets "
          + targets.stream().map(String::valueOf).collect(Collectors.joining(", "))
          + ", retries "
          + retries;
    }
  }

  /**
   * Bisection between a sparsity that is good enough and one that is not.
   *
   * @param most the upper end of the search
   * @param tolerance the search ends if the two sparsities differ by at most this
   * @param retries only {@link Retry#MORE_EPOCHS} has an effect: bisection takes smaller steps
   *     anyway
   */
  record Bisection(double most, double tolerance, List<Retry> retries) implements RoundPlan {
    /** Checks the values. */
    public Bisection {
      Sparsity.check(most, "most");
      if (!(tolerance > 0.0) || !(tolerance < 1.0)) {
        throw new IllegalArgumentException("tolerance must be in (0, 1), but is " + tolerance);
      }
      retries = retries.stream().filter(retry -> retry == Retry.MORE_EPOCHS).toList();
    }

    @Override
    public Next next(double start, List<PruningRound> done) {
      Iterator<PruningRound> rounds = done.iterator();
      List<Double> refused = new ArrayList<>();
      double good = start;
      double bad = most;
      while (bad - good > tolerance) {
        double goal = between(good, bad);
        Iterator<Retry> retry = retries.iterator();
        int longer = 1;
        while (true) {
          if (!rounds.hasNext()) {
            return new Attempt(goal, longer);
          }
          if (rounds.next().accepted()) {
            good = goal;
            break;
          }
          if (!retry.hasNext()) {
            bad = goal;
            refused.add(goal);
            break;
          }
          retry.next();
          longer *= 2;
        }
      }
      boolean any = good > start;
      String found =
          refused.isEmpty()
              ? Percent.brief(good)
                  + " is good enough, and nothing above "
                  + Percent.brief(most)
                  + " was tried"
              : Percent.brief(good) + " is good enough, " + Percent.brief(bad) + " is not";
      return new Stop(
          any,
          any
              ? found + ": the two are within the tolerance of " + Percent.brief(tolerance) + "."
              : "No sparsity was found that is good enough; "
                  + Percent.brief(bad)
                  + " is not. The network is unchanged.");
    }

    @Override
    public void check(double start) {
      if (most - start <= tolerance) {
        throw new IllegalArgumentException(
            "asSparseAsPossible must leave room: more than the tolerance of "
                + tolerance
                + " between the sparsity of the network, "
                + start
                + ", and "
                + most);
      }
    }

    @Override
    public int roundsLeft(double start, List<PruningRound> done) {
      // Each round halves the interval in the logarithm of the density.
      double whole = Math.log((1.0 - start) / (1.0 - most));
      double smallest = Math.log1p(tolerance);
      int all = (int) Math.ceil(Math.log(whole / smallest) / Math.log(2.0));
      return Math.max(1, all - done.size());
    }

    @Override
    public String toString() {
      return "as sparse as possible below "
          + most
          + ", tolerance "
          + tolerance
          + ", retries "
          + retries;
    }
  }
}
