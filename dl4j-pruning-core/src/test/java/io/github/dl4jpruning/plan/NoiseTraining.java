package io.github.dl4jpruning.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.allocate.BudgetDistribution;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.ErdosRenyiKernelDistribution;
import io.github.dl4jpruning.allocate.FloorDistribution;
import io.github.dl4jpruning.allocate.GlobalDistribution;
import io.github.dl4jpruning.allocate.LampDistribution;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.allocate.ThresholdDistribution;
import io.github.dl4jpruning.allocate.UniformDistribution;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.NOfMPattern;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.TensorScores;
import io.github.dl4jpruning.mask.UnstructuredPattern;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A training with noise in place of a network, which checks the masks of every update against the
 * rules that each combination has to obey.
 */
final class NoiseTraining {

  private static final int ITERATIONS = 14;

  private final PruningConfig config;
  private final List<PrunableParameter> parameters;
  private final List<double[]> weights = new ArrayList<>();
  private List<Mask> masks;
  private double scheduled;

  NoiseTraining(PruningConfig config, List<PrunableParameter> parameters) {
    this.config = config;
    this.parameters = parameters;
    parameters.forEach(p -> weights.add(noise(p, -1)));
    this.masks = parameters.stream().map(p -> Mask.dense(p.length())).toList();
  }

  /** Numbers that depend on the tensor's name and not on its place in the list. */
  private static double[] noise(PrunableParameter parameter, int round) {
    Random random = new Random(31L * parameter.name().hashCode() + round);
    return IntStream.range(0, parameter.length()).mapToDouble(i -> random.nextGaussian()).toArray();
  }

  private static double[] remembered(Memory memory, PrunableParameter parameter, int iteration) {
    double[] noise = noise(parameter, memory == Memory.INITIAL_WEIGHTS ? -1 : 1000 + iteration);
    boolean squares = memory == Memory.SQUARED_GRADIENTS || memory == Memory.SQUARED_INPUTS;
    return Arrays.stream(noise).map(value -> squares ? value * value : value).toArray();
  }

  private List<TensorView> tensors(int iteration) {
    return IntStream.range(0, parameters.size())
        .mapToObj(
            p -> {
              PrunableParameter parameter = parameters.get(p);
              WeightTensor seen =
                  new WeightTensor(
                      parameter,
                      iteration,
                      () -> weights.get(p).clone(),
                      () -> noise(parameter, iteration),
                      memory -> remembered(memory, parameter, iteration));
              double[] scales = Arrays.copyOf(noise(parameter, -2), parameter.layout().outputs());
              return new TensorView(seen, masks.get(p), Optional.of(scales));
            })
        .toList();
  }

  /** Trains to the end; false if the combination was rightly refused on the way. */
  boolean run() {
    TensorPlanner planner = new TensorPlanner(config.choices(), parameters);
    for (int t = 0; t < ITERATIONS; t++) {
      boolean due = config.timing().isDue(scheduled, t, 0);
      boolean exchange =
          config.rule() instanceof MaskRule.Exchange e
              && scheduled > 0
              && t % 3 == 0
              && t < e.until();
      if (due || exchange) {
        double target = due ? config.timing().sparsityAt(t, 0) : scheduled;
        Optional<Due> asked =
            due ? Optional.of(new Due(target, config.timing().progress(target))) : Optional.empty();
        List<Mask> next;
        try {
          next = planner.plan(tensors(t), asked, t);
        } catch (IllegalArgumentException e) {
          assertThat(e).as("%s", config).hasMessageContaining("cannot remove");
          assertThat(
                  config.pattern() instanceof NOfMPattern
                      || config.distribution() instanceof FloorDistribution)
              .as("%s: %s", config, e.getMessage())
              .isTrue();
          return false;
        }
        if (t <= 6) {
          assertThat(planner.plan(tensors(t), asked, t)).as("again").isEqualTo(next);
          checkOrder(t, asked, next);
        }
        check(target, due, next);
        masks = next;
        scheduled = target;
      }
      for (int p = 0; p < weights.size(); p++) {
        double[] w = weights.get(p);
        double[] step = noise(parameters.get(p), 2000 + t);
        for (int i = 0; i < w.length; i++) {
          w[i] = masks.get(p).isKept(i) ? w[i] + .1 * step[i] : 0;
        }
      }
    }
    assertThat(scheduled).isEqualTo(config.timing().schedule().valueAt(ITERATIONS, 0));
    return true;
  }

  /** The same tensors in another order get the same masks. */
  private void checkOrder(int t, Optional<Due> due, List<Mask> expected) {
    // Weights that are zero are equal, and equals are told apart by their place.
    boolean ties =
        (config.rule().followsFalls() && masks.stream().anyMatch(mask -> mask.removed() > 0))
            || (config.criterion() == StandardCriterion.MAGNITUDE_INCREASE && t == 0)
            || config.criterion() == StandardCriterion.ACTIVATION_PER_OUTPUT; // ranks are equal
    List<TensorView> reversed = new ArrayList<>(tensors(t));
    Collections.reverse(reversed);
    List<Mask> backwards =
        new ArrayList<>(new TensorPlanner(config.choices(), parameters).plan(reversed, due, t));
    Collections.reverse(backwards);
    if (!ties) {
      assertThat(backwards).as("%s at %d", config, t).isEqualTo(expected);
    }
  }

  private void check(double target, boolean due, List<Mask> next) {
    for (int p = 0; p < next.size(); p++) {
      assertThat(next.get(p).kept()).isPositive();
      if (config.rule() instanceof MaskRule.Monotone) {
        assertThat(next.get(p).minus(masks.get(p)).kept()).as("returned").isZero();
      }
      checkPattern(p, next.get(p));
    }
    if (!due) {
      for (int p = 0; p < next.size(); p++) {
        assertThat(next.get(p).kept()).as("%s", config).isEqualTo(masks.get(p).kept());
      }
      return;
    }
    boolean single =
        config.pattern() == UnstructuredPattern.INSTANCE || config.pattern() instanceof NOfMPattern;
    if (single) {
      checkCounts(target, next);
    } else {
      checkNearCounts(target, next);
    }
  }

  private ScoredTensor units(int p, Mask mask) {
    PrunableParameter parameter = parameters.get(p);
    return config
        .pattern()
        .units(
            new TensorScores(
                "t",
                parameter.layout(),
                new double[parameter.length()],
                mask,
                Optional.of(new double[parameter.layout().outputs()])));
  }

  private void checkPattern(int p, Mask mask) {
    PrunableParameter parameter = parameters.get(p);
    Mask unitMask = units(p, mask).prior();
    assertThat(config.pattern().weights(parameter.layout(), unitMask))
        .as("only whole units go")
        .isEqualTo(mask);
    if (config.pattern() instanceof NOfMPattern groups) {
      Mask candidates =
          groups.candidates(
              parameter.layout(), new double[parameter.length()], Mask.dense(parameter.length()));
      // Whatever is protected in a tensor of equals is a number that every mask has to keep.
      assertThat(mask.kept()).isGreaterThanOrEqualTo(candidates.removed());
    }
  }

  private void checkCounts(double target, List<Mask> next) {
    long all = parameters.stream().mapToLong(PrunableParameter::length).sum();
    long removed = next.stream().mapToLong(Mask::removed).sum();
    SparsityDistribution distribution = config.distribution();
    double progress = config.timing().progress(target);
    if (distribution instanceof UniformDistribution) {
      for (int p = 0; p < next.size(); p++) {
        assertThat(next.get(p).removed())
            .isEqualTo((int) Math.floor(target * parameters.get(p).length() + .5));
      }
    } else if (distribution instanceof BudgetDistribution budget) {
      assertThat(removed).isEqualTo((long) Math.floor(progress * (all - budget.weights()) + .5));
    } else if (distribution instanceof FloorDistribution floor) {
      checkFloor(floor, target, all, removed, next);
    } else if (!(distribution instanceof ThresholdDistribution)) {
      assertThat(removed)
          .as("%s at %s", config, target)
          .isEqualTo((long) Math.floor(target * all + .5));
    }
  }

  private void checkFloor(
      FloorDistribution floor, double target, long all, long removed, List<Mask> next) {
    for (int p = 0; p < next.size(); p++) {
      int length = parameters.get(p).length();
      if (floor.layers().equals("*") || floor.layers().equals(parameters.get(p).layer())) {
        assertThat(next.get(p).kept())
            .isGreaterThanOrEqualTo((int) Math.min(length, floor.fewestWeights()));
        assertThat(next.get(p).removed())
            .isLessThanOrEqualTo((int) (floor.highestSparsity() * length));
      }
    }
    boolean exact = !floor.of().equals(new UniformDistribution());
    long due =
        exact
            ? (long) Math.floor(target * all + .5)
            : parameters.stream().mapToLong(p -> (long) Math.floor(target * p.length() + .5)).sum();
    assertThat(removed).as("%s at %s", config, target).isEqualTo(due);
  }

  /** Whole units: each pool is met to within half of its largest unit, if nothing is in the way. */
  private void checkNearCounts(double target, List<Mask> next) {
    SparsityDistribution distribution = config.distribution();
    if (distribution instanceof BudgetDistribution budget
        && config.timing().progress(target) == 1.0) {
      assertThat(next.stream().mapToLong(Mask::kept).sum())
          .as("%s", config)
          .isLessThanOrEqualTo(budget.weights());
    }
    boolean plain =
        distribution instanceof GlobalDistribution
            || distribution instanceof UniformDistribution
            || distribution instanceof ErdosRenyiKernelDistribution
            || distribution instanceof LampDistribution;
    if (!plain || config.rule() instanceof MaskRule.Exchange) {
      return;
    }
    long all = parameters.stream().mapToLong(PrunableParameter::length).sum();
    long removed = next.stream().mapToLong(Mask::removed).sum();
    double slack = 0;
    for (int p = 0; p < next.size(); p++) {
      ScoredTensor units = units(p, Mask.dense(parameters.get(p).length()));
      int largest =
          IntStream.range(0, units.scores().length)
              .map(unit -> units.sizes().of(unit))
              .max()
              .orElseThrow();
      slack =
          distribution instanceof GlobalDistribution
              ? Math.max(slack, largest / 2.0)
              : slack + largest;
    }
    assertThat((double) removed)
        .as("%s at %s", config, target)
        .isBetween(target * all - slack - 1, target * all + slack + 1);
  }
}
