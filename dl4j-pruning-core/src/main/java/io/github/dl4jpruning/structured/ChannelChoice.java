package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.plan.CoupledPlanner;
import io.github.dl4jpruning.plan.CriterionMemory;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** Chooses the channels to remove, so that a network meets a cost target. */
final class ChannelChoice {

  private final StructuredSettings settings;
  private final TrainingData data;
  private final Model dense;

  /**
   * The cost of the dense network; not used for times, which are measured again with each network.
   */
  private final double denseCost;

  /**
   * The costs of a network and the dense one: counts, or milliseconds.
   *
   * @param dense the cost of the dense network
   * @param own the cost of the network
   * @param latency the times of both; empty if none were measured
   */
  record Costs(double dense, double own, Optional<Speedup> latency) {
    static Costs of(Speedup latency) {
      return new Costs(latency.before(), latency.after(), Optional.of(latency));
    }

    /** Returns the removed fraction of the cost. */
    double gone() {
      return 1.0 - own / dense;
    }
  }

  /**
   * A network that meets the target, and its costs. Measured times vary, so the ones measured when
   * the network was chosen are kept.
   */
  record Choice<M extends Model>(M network, Costs costs) {}

  /**
   * Makes a choice for a network.
   *
   * @throws IllegalArgumentException if its cost is not known
   */
  ChannelChoice(StructuredSettings settings, Model dense, TrainingData data) {
    this.settings = settings;
    this.data = data;
    this.dense = dense;
    this.denseCost = settings.cost() == Cost.LATENCY ? Double.NaN : count(dense);
  }

  /** Returns the costs of a network. Times are measured again at each call. */
  Costs costs(Model network) {
    if (settings.cost() == Cost.LATENCY) {
      return Costs.of(
          settings
              .meter()
              .map(meter -> meter.compare(dense, network))
              .orElseGet(() -> outputTimes(network)));
    }
    return new Costs(denseCost, count(network), Optional.empty());
  }

  private Speedup outputTimes(Model network) {
    double[][] millis = data.outputMillis(dense, network);
    return Speedup.of(millis[0], millis[1]);
  }

  private double count(Model network) {
    if (settings.cost() == Cost.PARAMETERS) {
      return network.numParams();
    }
    InputType[] types = settings.inputTypes().toArray(InputType[]::new);
    OptionalLong macs = SparsityReport.of(network, types).macs();
    return macs.orElseThrow(
        () ->
            new IllegalArgumentException(
                "expected a network whose MACs can be counted, but those of some layers are not"
                    + " known; does inputTypes(...) describe its inputs?"));
  }

  /**
   * Checks that the target can be met.
   *
   * @param fraction the target, as a fraction of the dense network's cost
   * @throws IllegalArgumentException if it cannot be met even if all removable channels are removed
   */
  void checkCanBeMet(double fraction) {
    if (settings.cost() == Cost.LATENCY) {
      return; // measured, so not known in advance
    }
    Candidates candidates = new Candidates(dense);
    double least = count(candidates.without(candidates.most())) / denseCost;
    if (least > fraction) {
      throw new IllegalArgumentException(
          "the target of "
              + Percent.brief(fraction)
              + " of the "
              + settings.cost()
              + " cannot be met: with the fewest channels in all layers that take part "
              + Percent.brief(least)
              + " is left");
    }
  }

  /**
   * Removes the least important channels of a network.
   *
   * @param network the network; not changed
   * @param fraction the allowed cost, as a fraction of the dense network's cost
   * @return the largest network that meets the target; empty if none does
   */
  @SuppressWarnings("unchecked") // the kind of network that was given
  <M extends Model> Optional<Choice<M>> smaller(M network, double fraction) {
    Candidates candidates = new Candidates(network);
    int high = candidates.most();
    Model found = candidates.without(high);
    Costs costs = costs(found);
    if (costs.own() > fraction * costs.dense()) {
      return Optional.empty();
    }
    int low = -1; // treated as too expensive
    while (high - low > 1) {
      int middle = (low + high) / 2;
      Model candidate = candidates.without(middle);
      Costs its = costs(candidate);
      if (its.own() <= fraction * its.dense()) {
        found = candidate;
        costs = its;
        high = middle;
      } else {
        low = middle;
      }
    }
    return Optional.of(new Choice<>((M) found, costs));
  }

  /** The channels of a network, ranked once; its structure is analysed once as well. */
  private final class Candidates {
    private final NetworkSnapshot asItWas;
    private final Model copy;
    private final Supplier<NetworkShrinker.Shrunk<Model>> shrinking;
    private final CoupledPlanner planner;
    private final CoupledPlanner.Ranking ranking;

    Candidates(Model network) {
      Model ranked = NetworkShrinker.shrink(network); // a copy, since a gradient is left in it
      this.asItWas = NetworkSnapshot.of(ranked);
      NetworkParameters parameters = NetworkParameters.of(ranked);
      this.planner = CoupledPlanner.of(settings.pruning(), parameters);
      if (settings.pruning().criterion() != StandardCriterion.MAGNITUDE) {
        data.gradientOfFirstBatch(ranked);
      }
      List<PrunableParameter> selected = planner.selected();
      List<Mask> dense = selected.stream().map(p -> Mask.dense(p.length())).toList();
      this.ranking =
          planner.rank(
              new CriterionMemory(settings.pruning().criterion(), parameters, selected)
                  .views(dense, parameters.iteration(), false));
      this.copy = NetworkMaker.copyOf(ranked);
      this.shrinking = NetworkShrinker.builder().build().prepare(copy);
    }

    /** Returns the largest number of channels that can be removed. */
    int most() {
      return planner.most(ranking);
    }

    /** Returns the network without some channels. */
    Model without(int removed) {
      Due due = new Due((double) removed / planner.channels(), 1.0);
      asItWas.restoreTo(copy); // including the updater state
      // A new writer each time: a writer with masks writes only the changes.
      new MaskWriter(NetworkParameters.of(copy), planner.selected())
          .replaceMasks(planner.plan(ranking, due));
      return shrinking.get().network();
    }
  }
}
