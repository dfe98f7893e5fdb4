package io.github.dl4jpruning.structured;

import static io.github.dl4jpruning.rounds.RoundSettings.require;

import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.rounds.RoundSettings;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * All settings of a {@link StructuredPruner}.
 *
 * @param cost the cost to reduce
 * @param targets the fractions of the cost to be removed after each round, rising
 * @param rounds the settings that all pruners in rounds share
 * @param pruning how channels are ranked
 * @param inputTypes the types of the network's inputs; none if they can be derived from it
 * @param meter measures the times of networks; empty for DL4J itself
 */
record StructuredSettings(
    Cost cost,
    List<Double> targets,
    RoundSettings rounds,
    PruningChoices pruning,
    List<InputType> inputTypes,
    Optional<LatencyMeter> meter) {

  StructuredSettings {
    require(
        pruning.criterion().remembers().isEmpty(),
        "criterion",
        "one that uses only the current weights and gradients",
        pruning.criterion());
    require(
        pruning.distribution().sharesTotal(),
        "distribution",
        "one that shares out a total (no budget and no threshold)",
        pruning.distribution());
    require(pruning.pattern().coupled(), "pattern", "coupledChannels", pruning.pattern());
  }

  /** Returns the settings that a resumed run must share with the interrupted one, as text. */
  String fingerprint() {
    return String.join(
        "; ",
        cost + " gone " + targets,
        pruning.fingerprint().toString(),
        "inputTypes " + inputTypes,
        rounds.fingerprint() + meter.map(m -> "; latency by " + m).orElse(""));
  }
}
