package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.Contender;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.mask.TensorScores;
import io.github.dl4jpruning.mask.UnitSizes;
import io.github.dl4jpruning.score.RandomCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Leads tensors through the rooms: score, pattern, allocate, mask. Pure: it knows arrays and no
 * network, changes nothing, and gives the same masks for the same input.
 */
final class MaskPlanner implements PruningRun.Planner {

  /** Elements that one thread looks at in one go. */
  private static final int SLICE = 1 << 16;

  private final PruningConfig config;

  MaskPlanner(PruningConfig config) {
    this.config = config;
  }

  /**
   * One tensor at an update.
   *
   * @param weights what a criterion may see
   * @param mask the mask that holds
   * @param outputScales γ of the batch normalisation that follows; null if there is none or the
   *     pattern does not ask
   */
  @SuppressWarnings("ArrayRecordComponent") // a view for the length of one update
  record Tensor(WeightTensor weights, Mask mask, double[] outputScales) {
    PrunableParameter parameter() {
      return weights.parameter();
    }
  }

  /**
   * New masks.
   *
   * @param tensors the selected tensors, by rising offset
   * @param due the sparsity that is due; null to leave the number of weights as it is
   * @param iteration DL4J's iteration
   * @return one mask per tensor
   * @throws IllegalArgumentException or {@link IllegalStateException} if it cannot be done
   */
  @Override
  public List<Mask> plan(List<Tensor> tensors, Due due, int iteration) {
    List<double[]> scores = tensors.stream().map(tensor -> scores(config, tensor)).toList();
    List<Mask> masks = tensors.stream().map(Tensor::mask).toList();
    if (due != null) {
      masks = masksFor(due, tensors, scores, masks);
    }
    return config.rule() instanceof MaskRule.Exchange exchange
        ? exchanged(exchange, iteration, tensors, scores, masks)
        : masks;
  }

  /** The scores of a tensor's weights; finite where they are kept. */
  static double[] scores(PruningConfig config, Tensor tensor) {
    String name = tensor.parameter().name();
    double[] scores = config.criterion().score(tensor.weights());
    if (scores == null || scores.length != tensor.mask().length()) {
      throw new IllegalStateException(
          name
              + ": expected one score for each of "
              + tensor.mask().length()
              + " weights, but the criterion gave "
              + (scores == null ? "null" : scores.length));
    }
    if (!allFinite(scores)) {
      OptionalInt bad =
          IntStream.range(0, scores.length)
              .filter(i -> !Double.isFinite(scores[i]) && tensor.mask().isKept(i))
              .findFirst();
      if (bad.isPresent()) {
        throw new IllegalStateException(
            name
                + ": expected finite scores, but the score at flat index "
                + bad.getAsInt()
                + " is "
                + scores[bad.getAsInt()]);
      }
    }
    return scores;
  }

  /** A slice at a time: a stream over single elements takes several times as long. */
  private static boolean allFinite(double[] scores) {
    IntStream slices = IntStream.range(0, (scores.length - 1) / SLICE + 1);
    return (scores.length > SLICE ? slices.parallel() : slices)
        .allMatch(
            slice -> {
              double zero = 0.0; // infinity or NaN times zero is NaN
              int end = (int) Math.min(scores.length, (slice + 1L) * SLICE);
              for (int i = slice * SLICE; i < end; i++) {
                zero += scores[i] * 0.0;
              }
              return zero == 0.0;
            });
  }

  private List<Mask> masksFor(
      Due due, List<Tensor> tensors, List<double[]> scores, List<Mask> current) {
    boolean fromScratch = config.rule().followsFalls();
    SparsityPattern pattern = config.pattern();
    List<Contender> contenders = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      Tensor tensor = tensors.get(t);
      PrunableParameter parameter = tensor.parameter();
      Mask prior = fromScratch ? Mask.dense(parameter.length()) : current.get(t);
      if (fromScratch) {
        clearRemoved(scores.get(t), current.get(t));
      }
      ScoredTensor units =
          pattern.units(
              new TensorScores(
                  parameter.name(),
                  parameter.layout(),
                  scores.get(t),
                  prior,
                  tensor.outputScales()));
      double deviation =
          config.distribution().needsDeviations()
              ? deviation(tensor.weights().weights())
              : Double.NaN;
      contenders.add(new Contender(parameter, units, 1, deviation));
    }
    Mask[] next = new Mask[tensors.size()];
    for (RemovalPool pool : config.distribution().allocate(contenders, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> contenders.get(t).tensor()).toList();
      List<Mask> made = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < made.size(); m++) {
        int t = pool.tensors().get(m);
        if (next[t] != null) {
          throw new IllegalStateException(
              "the distribution ("
                  + config.distribution()
                  + ") put into two pools "
                  + tensors.get(t).parameter().name());
        }
        Mask whole = pattern.weights(tensors.get(t).parameter().layout(), made.get(m));
        // Zeros of a loaded network may be parts of units that stay.
        next[t] = fromScratch ? whole : whole.and(current.get(t));
      }
    }
    for (int t = 0; t < next.length; t++) {
      if (next[t] == null) {
        throw new IllegalStateException(
            "the distribution ("
                + config.distribution()
                + ") left out "
                + tensors.get(t).parameter().name());
      }
    }
    return List.of(next);
  }

  /**
   * What a criterion says of a removed weight may be no number; it counts as the least then. (The
   * least that there is, so that sums and squares of it stay finite.)
   */
  private static void clearRemoved(double[] scores, Mask mask) {
    if (mask.removed() > 0) {
      double least = Arrays.stream(scores).filter(Double::isFinite).min().orElse(0.0);
      for (int i = 0; i < scores.length; i++) {
        if (!Double.isFinite(scores[i])) {
          scores[i] = least;
        }
      }
    }
  }

  @Override
  public double sparsity(List<Mask> masks) {
    long weights = 0;
    long removed = 0;
    for (Mask mask : masks) {
      weights += mask.length();
      removed += mask.removed();
    }
    return (double) removed / weights;
  }

  private static double deviation(double[] weights) {
    double mean = Arrays.stream(weights).sum() / weights.length;
    double squares = Arrays.stream(weights).map(w -> (w - mean) * (w - mean)).sum();
    return Math.sqrt(squares / weights.length);
  }

  /** Drops some units of each tensor and grows as many. */
  private List<Mask> exchanged(
      MaskRule.Exchange rule,
      int iteration,
      List<Tensor> tensors,
      List<double[]> scores,
      List<Mask> masks) {
    double fraction = rule.fractionAt(iteration);
    if (fraction == 0.0) {
      return masks;
    }
    List<Mask> next = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      Tensor tensor = tensors.get(t);
      next.add(exchanged(rule, fraction, iteration, tensor, scores.get(t), masks.get(t)));
    }
    return next;
  }

  private Mask exchanged(
      MaskRule.Exchange rule,
      double fraction,
      int iteration,
      Tensor tensor,
      double[] scores,
      Mask mask) {
    PrunableParameter parameter = tensor.parameter();
    SparsityPattern pattern = config.pattern();
    ScoredTensor units =
        pattern.units(
            new TensorScores(
                parameter.name(), parameter.layout(), scores, mask, tensor.outputScales()));
    Mask kept = units.prior();
    int length = kept.length();
    // Only units of the same size are exchanged, so that the number of weights stays as it is.
    Mask whole = units.sizes().largestOnes(length);
    Mask droppable = kept.and(whole);
    int drop = (int) Math.min(droppable.kept() - 1, Math.floor(fraction * droppable.kept() + 0.5));
    int gone = whole.kept() - droppable.kept();
    if (drop < 1 || gone == 0) {
      return mask;
    }
    UnitSizes ones = UnitSizes.ones(length);
    Mask survivors =
        LowestScores.remove(
                List.of(new ScoredTensor(parameter.name(), units.scores(), kept, droppable, ones)),
                kept.removed() + drop)
            .get(0);
    double[] growth =
        rule.growth() == MaskRule.Growth.RANDOM
            ? RandomCriterion.uniform(rule.seed(), parameter.name(), iteration, length)
            : pattern.unitScores(parameter.layout(), magnitudes(tensor.weights().gradients()));
    Arrays.parallelSetAll(growth, i -> survivors.isKept(i) ? Double.MAX_VALUE : growth[i]);
    // From scratch, where survivors cannot lose: of the others, as many as were dropped come back,
    // where the pattern protects some of them those first.
    Mask prior = whole.complement().minus(kept.minus(whole)).complement();
    Mask candidates = pattern.candidates(parameter.layout(), growth, prior).and(whole);
    Mask grown =
        LowestScores.remove(
                List.of(new ScoredTensor(parameter.name(), growth, prior, candidates, ones)),
                kept.removed())
            .get(0);
    return pattern.weights(parameter.layout(), grown);
  }

  private static double[] magnitudes(double[] values) {
    Arrays.parallelSetAll(values, i -> Math.abs(values[i]));
    return values;
  }
}
