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

/** Chooses the channels that go, so that a network costs no more than it may. */
final class ChannelChoice {

  private final StructuredSettings settings;
  private final TrainingData data;
  private final Model dense;

  /**
   * That of the dense network; not for times, which are measured anew beside each other network.
   */
  private final double denseCost;

  /**
   * What a network costs beside the dense one: counts, or milliseconds.
   *
   * @param dense what the dense network costs
   * @param own what the network costs
   * @param latency how both were timed; empty where nothing was
   */
  record Costs(double dense, double own, Optional<Speedup> latency) {
    static Costs of(Speedup latency) {
      return new Costs(latency.before(), latency.after(), Optional.of(latency));
    }

    /** The part of the cost that is gone. */
    double gone() {
      return 1.0 - own / dense;
    }
  }

  /**
   * A network that costs little enough, and what it costs. A time that is measured is not the same
   * twice, so what was found when it was chosen is what counts.
   */
  record Choice<M extends Model>(M network, Costs costs) {}

  /**
   * For a network.
   *
   * @throws IllegalArgumentException if its cost is not known
   */
  ChannelChoice(StructuredSettings settings, Model dense, TrainingData data) {
    this.settings = settings;
    this.data = data;
    this.dense = dense;
    this.denseCost = settings.cost() == Cost.LATENCY ? Double.NaN : count(dense);
  }

  /** What a network costs. A time is measured anew at each call. */
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
   * @param fraction of the dense network's cost
   * @throws IllegalArgumentException if it cannot, however many channels go
   */
  void checkCanBeMet(double fraction) {
    if (settings.cost() == Cost.LATENCY) {
      return; // is measured, and so is no promise
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
   * A network without its least important channels.
   *
   * @param network the network; left as it is
   * @param fraction what it may cost, as a part of what the dense network does
   * @return the smaller network, as large as that allows; empty if none costs so little
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
    int low = -1; // as if it were too dear
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

  /** A network's channels, ranked once; how it flows is read once as well. */
  private final class Candidates {
    private final NetworkSnapshot asItWas;
    private final Model copy;
    private final Supplier<NetworkShrinker.Shrunk<Model>> shrinking;
    private final CoupledPlanner planner;
    private final CoupledPlanner.Ranking ranking;

    Candidates(Model network) {
      Model ranked = NetworkShrinker.shrink(network); // a gradient is left in it
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

    /** The most channels that can go. */
    int most() {
      return planner.most(ranking);
    }

    /** The network without some channels. */
    Model without(int removed) {
      Due due = new Due((double) removed / planner.channels(), 1.0);
      asItWas.restoreTo(copy); // with the updater's state
      // A writer of its own: one that has masks writes only what changes.
      new MaskWriter(NetworkParameters.of(copy), planner.selected())
          .replaceMasks(planner.plan(ranking, due));
      return shrinking.get().network();
    }
  }
}
