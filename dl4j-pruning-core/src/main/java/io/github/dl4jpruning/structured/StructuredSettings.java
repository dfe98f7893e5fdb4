package io.github.dl4jpruning.structured;

import static io.github.dl4jpruning.rounds.RoundSettings.require;

import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.rounds.RoundSettings;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * Everything that decides what a {@link StructuredPruner} does.
 *
 * @param cost what is to become less
 * @param targets the parts of it that are to be gone after each round, rising
 * @param rounds what it shares with other pruners in rounds
 * @param pruning how channels are ranked
 * @param inputTypes the types of the network's inputs; none if they can be told from it
 * @param meter what times networks; empty for DL4J itself
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

  /** What a run that is resumed must have in common with the one that was interrupted. */
  String fingerprint() {
    return String.join(
        "; ",
        cost + " gone " + targets,
        pruning.fingerprint().toString(),
        "inputTypes " + inputTypes,
        rounds.fingerprint() + meter.map(m -> "; latency by " + m).orElse(""));
  }
}
