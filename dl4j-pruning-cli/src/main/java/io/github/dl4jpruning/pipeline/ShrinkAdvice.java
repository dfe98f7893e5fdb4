package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.SparsityReport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/** Explains why a model is hardly smaller without its dead units, and what makes it smaller. */
final class ShrinkAdvice {

  /** As a fraction of the parameters. */
  private static final double HARDLY = 0.05;

  private ShrinkAdvice() {}

  /**
   * Returns advice if the model hardly became smaller.
   *
   * @param file the file of the model
   * @param before the model
   * @param after the model without its dead units
   * @return the advice, as several lines; empty if the model became smaller
   */
  static Optional<String> of(Path file, Model before, Model after) {
    double gone = 1.0 - (double) after.numParams() / before.numParams();
    if (gone >= HARDLY) {
      return Optional.empty();
    }
    double zeros = SparsityReport.of(before).sparsity();
    String how =
        gone == 0.0
            ? "No unit is dead, so nothing could be removed"
            : String.format(
                Locale.ROOT,
                "Few units are dead, so only %.1f%% of the parameters could be removed",
                100 * gone);
    return Optional.of(
        String.format(
            Locale.ROOT,
            """
            %s: %.1f%% of the weights are zero, but a unit is removed only if all
            weights that it reads, or all that read it, are zero. Scattered zeros leave it alive.
            To remove units, and fine-tune the rest, give data and a target (zero weights may be
            trained again):
              shrink %s --data DATA --target-macs 0.25
            """,
            how,
            100 * zeros,
            quoted(file.toString())));
  }

  private static String quoted(String word) {
    return word.contains(" ") ? "'" + word + "'" : word;
  }
}
