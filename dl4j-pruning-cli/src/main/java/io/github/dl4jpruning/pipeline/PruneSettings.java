package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.deeplearning4j.nn.api.Model;

/**
 * What to do on the way from a dense network to a small one.
 *
 * @param structured whole units are removed first, down to this cost; empty for none
 * @param sparsity then weights are removed
 * @param training how networks are trained
 * @param metric the score
 * @param maxScoreDrop how much worse than the dense network the score may be
 * @param scan whether the sensitivity of the layers is measured
 * @param formats what to export
 */
public record PruneSettings(
    Optional<Target> structured,
    Sparsity sparsity,
    Training training,
    Metric metric,
    double maxScoreDrop,
    boolean scan,
    List<ExportFormat> formats) {

  /** Copies the list. */
  public PruneSettings {
    formats = List.copyOf(formats);
  }

  /**
   * A cost, and the fraction of it that is left.
   *
   * @param cost parameters, MACs or latency
   * @param fraction the target, in (0, 1)
   */
  public record Target(Cost cost, double fraction) {}

  /**
   * Which weights are removed.
   *
   * @param target the sparsity at the end; empty to go as far as the score allows
   * @param none whether no weights are removed, only units
   * @param rounds rounds to a target
   * @param distribution how the sparsity is shared out
   * @param recipe prunes along a schedule in place of rounds; empty for rounds
   * @param calibration prunes at once, without training, from this many training samples; empty to
   *     train
   */
  public record Sparsity(
      OptionalDouble target,
      boolean none,
      int rounds,
      SparsityDistribution distribution,
      Optional<PruningConfig> recipe,
      OptionalInt calibration) {}

  /**
   * How networks are trained.
   *
   * @param denseEpochs epochs before pruning
   * @param rampEpochs epochs over which a round prunes
   * @param epochs epochs of fine-tuning in a round, or all epochs of a recipe
   * @param learningRate the rate; empty for the network's own
   * @param distillation the weight of the teacher; 0 for none
   * @param teacher another teacher than the dense network
   * @param batchSize samples in a batch
   * @param seed the seed for all random choices
   */
  public record Training(
      int denseEpochs,
      int rampEpochs,
      int epochs,
      OptionalDouble learningRate,
      double distillation,
      Optional<Model> teacher,
      int batchSize,
      long seed) {}
}
