package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.allocate.Contender;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.TensorScores;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Plans the masks of single tensors: scores, pattern, distribution, masks. */
public final class TensorPlanner implements Planner {

  /** The number of elements that a thread checks at a time. */
  private static final int SLICE = 1 << 16;

  private final PruningChoices choices;
  private final List<PrunableParameter> selected;

  /**
   * Makes a planner for single tensors.
   *
   * @param choices what is pruned
   * @param selected the parameters that have masks
   */
  public TensorPlanner(PruningChoices choices, List<PrunableParameter> selected) {
    this.choices = choices;
    this.selected = selected;
  }

  @Override
  public List<PrunableParameter> selected() {
    return selected;
  }

  @Override
  public List<Mask> plan(List<TensorView> tensors, Optional<Due> due, int iteration) {
    List<double[]> scores =
        tensors.stream().map(tensor -> scores(choices.criterion(), tensor)).toList();
    List<Mask> masks = tensors.stream().map(TensorView::mask).toList();
    if (due.isPresent()) {
      masks = masksFor(due.get(), tensors, scores, masks);
    }
    return choices.rule() instanceof MaskRule.Exchange exchange
        ? new ExchangePlan(exchange, choices.pattern(), iteration).masks(tensors, scores, masks)
        : masks;
  }

  /** Returns the scores of a tensor's weights; those of kept weights are finite. */
  static double[] scores(ImportanceCriterion criterion, TensorView tensor) {
    String name = tensor.parameter().name();
    double[] scores = criterion.score(tensor.weights());
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

  /** Works on slices: a stream over single elements takes several times as long. */
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
      Due due, List<TensorView> tensors, List<double[]> scores, List<Mask> current) {
    List<Contender> contenders = contenders(tensors, scores, current);
    Mask[] next = new Mask[tensors.size()];
    for (RemovalPool pool : choices.distribution().allocate(contenders, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> contenders.get(t).tensor()).toList();
      List<Mask> made = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < made.size(); m++) {
        int t = pool.tensors().get(m);
        require(next[t] == null, "put into two pools", tensors.get(t));
        Mask whole = choices.pattern().weights(tensors.get(t).parameter().layout(), made.get(m));
        // Zeros of a loaded network may belong to units that are kept.
        next[t] = choices.rule().followsFalls() ? whole : whole.and(current.get(t));
      }
    }
    for (int t = 0; t < next.length; t++) {
      require(next[t] != null, "left out", tensors.get(t));
    }
    return List.of(next);
  }

  private void require(boolean holds, String fault, TensorView tensor) {
    if (!holds) {
      throw new IllegalStateException(
          "the distribution ("
              + choices.distribution()
              + ") "
              + fault
              + " "
              + tensor.parameter().name());
    }
  }

  private List<Contender> contenders(
      List<TensorView> tensors, List<double[]> scores, List<Mask> current) {
    boolean fromScratch = choices.rule().followsFalls();
    boolean deviations = choices.distribution().needsDeviations();
    List<Contender> contenders = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      TensorView tensor = tensors.get(t);
      PrunableParameter parameter = tensor.parameter();
      if (fromScratch) {
        clearRemoved(scores.get(t), current.get(t));
      }
      Mask prior = fromScratch ? Mask.dense(parameter.length()) : current.get(t);
      ScoredTensor units =
          choices
              .pattern()
              .units(
                  new TensorScores(
                      parameter.name(),
                      parameter.layout(),
                      scores.get(t),
                      prior,
                      tensor.outputScales()));
      double deviation = deviations ? deviation(tensor.weights().weights()) : Double.NaN;
      contenders.add(new Contender(parameter, units, 1, deviation));
    }
    return contenders;
  }

  /**
   * A criterion may give a removed weight a score that is not finite. It is replaced by the lowest
   * finite score, so that sums and squares of scores stay finite.
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
}
