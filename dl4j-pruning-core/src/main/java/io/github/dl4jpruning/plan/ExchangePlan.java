package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.mask.TensorScores;
import io.github.dl4jpruning.mask.UnitSizes;
import io.github.dl4jpruning.score.RandomCriterion;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Drops some units of each tensor and grows the same number.
 *
 * @param rule how many units are exchanged, and which grow
 * @param pattern which sets of weights form a unit
 * @param iteration the iteration of the schedule
 */
record ExchangePlan(MaskRule.Exchange rule, SparsityPattern pattern, int iteration) {

  /** Returns masks that remove as many weights as the given ones. */
  List<Mask> masks(List<TensorView> tensors, List<double[]> scores, List<Mask> masks) {
    double fraction = rule.fractionAt(iteration);
    if (fraction == 0.0) {
      return masks;
    }
    List<Mask> next = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      next.add(exchanged(fraction, tensors.get(t), scores.get(t), masks.get(t)));
    }
    return next;
  }

  private Mask exchanged(double fraction, TensorView tensor, double[] scores, Mask mask) {
    PrunableParameter parameter = tensor.parameter();
    ScoredTensor units =
        pattern.units(
            new TensorScores(
                parameter.name(), parameter.layout(), scores, mask, tensor.outputScales()));
    Mask kept = units.prior();
    int length = kept.length();
    // Only units of the same size are exchanged, so that the number of weights does not change.
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
    return grown(tensor, kept, whole, survivors);
  }

  /** Regrows as many units as were dropped. */
  private Mask grown(TensorView tensor, Mask kept, Mask whole, Mask survivors) {
    PrunableParameter parameter = tensor.parameter();
    int length = kept.length();
    double[] growth =
        rule.growth() == MaskRule.Growth.RANDOM
            ? RandomCriterion.uniform(rule.seed(), parameter.name(), iteration, length)
            : pattern.unitScores(parameter.layout(), magnitudes(tensor.weights().gradients()));
    Arrays.parallelSetAll(growth, i -> survivors.isKept(i) ? Double.MAX_VALUE : growth[i]);
    // Ranks all units from scratch; survivors have the highest score and stay. As many other units
    // return as were dropped; units that the pattern protects return first.
    Mask prior = whole.complement().minus(kept.minus(whole)).complement();
    Mask candidates = pattern.candidates(parameter.layout(), growth, prior).and(whole);
    ScoredTensor scored =
        new ScoredTensor(parameter.name(), growth, prior, candidates, UnitSizes.ones(length));
    // A loaded network may have more zeros than the pattern allows; then more units return.
    double removed = Math.min(kept.removed(), scored.mostRemoved());
    Mask grown = LowestScores.remove(List.of(scored), removed).get(0);
    return pattern.weights(parameter.layout(), grown);
  }

  private static double[] magnitudes(double[] values) {
    Arrays.parallelSetAll(values, i -> Math.abs(values[i]));
    return values;
  }
}
