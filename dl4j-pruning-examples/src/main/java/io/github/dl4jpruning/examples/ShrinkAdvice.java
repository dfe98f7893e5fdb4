package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.SparsityReport;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/** Explains why a model is hardly smaller without its dead units, and what makes it smaller. */
final class ShrinkAdvice {

  /** As a fraction of the parameters. */
  private static final double HARDLY = 0.05;

  private static final String RECIPE = "dl4j-pruning-examples/recipes/coupled-channels.yaml";

  private ShrinkAdvice() {}

  /**
   * Returns advice if the model hardly became smaller.
   *
   * @param before the model
   * @param after the model without its dead units
   * @param options the options of the job
   * @param colours whether the model reads the images of CIFAR-10
   * @return the advice, as several lines; empty if the model became smaller
   */
  static Optional<String> of(Model before, Model after, ModelOptions options, boolean colours) {
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
            To remove units, and fine-tune the rest, give a target (zero weights may be trained again):
              shrink %s --target-macs 0.25
            Or remove whole units during training, and shrink the result:
              %s --recipe %s --output runs/units
              shrink --model runs/units/pruned.zip%s
            """,
            how,
            100 * zeros,
            options.asTyped(),
            colours ? "cifar10 --data PATH" : "mnist",
            RECIPE,
            colours ? " --images cifar10 --data PATH" : ""));
  }
}
