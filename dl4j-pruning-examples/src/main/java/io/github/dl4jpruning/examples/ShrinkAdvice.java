package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.SparsityReport;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/** Why a model that was freed of dead units is hardly smaller, and what makes it smaller. */
final class ShrinkAdvice {

  /** As a part of the parameters. */
  private static final double HARDLY = 0.05;

  private static final String RECIPE = "dl4j-pruning-examples/recipes/coupled-channels.yaml";

  private ShrinkAdvice() {}

  /**
   * Looks whether anything is to be said.
   *
   * @param before the model
   * @param after the model without its dead units
   * @param options how the job was called
   * @param colours whether it looks at the images of CIFAR-10
   * @return some lines; empty if the model became smaller
   */
  static Optional<String> of(Model before, Model after, ModelOptions options, boolean colours) {
    double gone = 1.0 - (double) after.numParams() / before.numParams();
    if (gone >= HARDLY) {
      return Optional.empty();
    }
    double zeros = SparsityReport.of(before).sparsity();
    String how =
        gone == 0.0
            ? "No unit is dead, so nothing could go"
            : String.format(
                Locale.ROOT,
                "Few units are dead, so only %.1f%% of the parameters could go",
                100 * gone);
    return Optional.of(
        String.format(
            Locale.ROOT,
            """
            %s: %.1f%% of the weights are zero, but a unit goes only if all
            weights that it reads, or all that read it, are zero. Zeros that are spread leave it alive.
            To take units out, and fine-tune the rest, give a target (what was zero may be trained again):
              shrink %s --target-macs 0.25
            Or remove whole units while the network is trained, and shrink that:
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
