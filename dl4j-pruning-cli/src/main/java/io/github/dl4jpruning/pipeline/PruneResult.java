package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.compact.CompactSizes;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.structured.StructuredPruningResult;
import io.github.dl4jpruning.tune.SensitivityResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/**
 * The result of all steps.
 *
 * @param dense the network before pruning
 * @param network the network after it
 * @param scan the sensitivity of its layers
 * @param structured the rounds in which units were removed
 * @param rounds the rounds in which weights were removed
 * @param denseTest the score of the dense network on the test samples
 * @param test the score of the pruned network on the test samples
 * @param sizes the bytes of the compact file
 * @param speedup the time of a prediction in the runtime, dense and pruned
 * @param unread inputs that no weight reads any more
 * @param files the files by what they are
 * @param notes what else a user should know
 */
public record PruneResult(
    Model dense,
    Model network,
    Optional<SensitivityResult> scan,
    Optional<StructuredPruningResult<Model>> structured,
    Optional<IterativePruningResult> rounds,
    PruneData.Measured denseTest,
    PruneData.Measured test,
    CompactSizes sizes,
    Optional<Speedup> speedup,
    List<Integer> unread,
    Map<String, Path> files,
    List<String> notes) {

  /** Copies the lists. */
  public PruneResult {
    unread = List.copyOf(unread);
    notes = List.copyOf(notes);
  }
}
