package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.cli.Distribution;
import io.github.dl4jpruning.cli.PointInTraining;
import io.github.dl4jpruning.cli.RecipeFile;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.Sparsity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The pruning options of the jobs that train along one schedule. */
final class PruningOptions {

  private static final String VALUES = "One of: ${COMPLETION-CANDIDATES}.";

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description =
          "A recipe (YAML or JSON) with all pruning settings, in place of the options from"
              + " --final-sparsity to --distribution.")
  private @Nullable Path recipe;

  @Option(
      names = "--final-sparsity",
      paramLabel = "S",
      defaultValue = "0.9",
      description = "Fraction of the weights that is removed at the end, in [0, 1).")
  private double finalSparsity;

  @Option(
      names = "--schedule",
      paramLabel = "SHAPE",
      defaultValue = "polynomial",
      description = "How sparsity rises from --begin to --end. " + VALUES)
  private Shape schedule;

  @Option(
      names = "--begin",
      paramLabel = "WHEN",
      description =
          "When pruning begins, in epochs (2, 1.5e) or iterations (300i). Default: after 2 epochs,"
              + " or halfway to the end if that is earlier.")
  private @Nullable PointInTraining begin;

  @Option(
      names = "--end",
      paramLabel = "WHEN",
      description =
          "When the final sparsity is reached, in epochs or iterations. Default: the end of"
              + " --epochs.")
  private @Nullable PointInTraining end;

  @Option(
      names = "--update-every",
      paramLabel = "N",
      defaultValue = "50",
      description = "Iterations between mask updates, at least 1.")
  private int updateEvery;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "global",
      description = "How sparsity is divided among the layers. " + VALUES)
  private Distribution distribution;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  void checkNumbers() {
    for (String option :
        List.of(
            "--final-sparsity",
            "--schedule",
            "--begin",
            "--end",
            "--update-every",
            "--distribution")) {
      require(
          recipe == null || !spec.commandLine().getParseResult().hasMatchedOption(option),
          option,
          "must not be given with --recipe, which already sets it",
          "given");
    }
    require(
        Sparsity.isOne(finalSparsity),
        "--final-sparsity",
        "must be in [0, 1), the fraction of weights removed",
        finalSparsity);
    require(updateEvery >= 1, "--update-every", "must be 1 or more", updateEvery);
    require(
        begin == null || schedule != Shape.CONSTANT,
        "--begin",
        "has no meaning for --schedule constant",
        begin);
    require(
        end == null || (schedule != Shape.CONSTANT && schedule != Shape.ONE_SHOT),
        "--end",
        "has no meaning for --schedule " + schedule,
        end);
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  /**
   * Returns a listener that prunes according to these options.
   *
   * @param length the length of training
   * @param perEpoch batches in an epoch
   * @throws IOException if the recipe cannot be read, or needs more iterations than training has
   */
  PruningListener listener(LengthOptions length, int perEpoch) throws IOException {
    int iterations = length.iterations(perEpoch);
    if (recipe != null) {
      PruningConfig config = RecipeFile.read(recipe);
      RecipeFile.checkReached(recipe, config, iterations, perEpoch);
      return PruningListener.of(config);
    }
    int rising = length.epochs() * perEpoch;
    int to = end == null ? rising : end.iteration(perEpoch);
    int from =
        begin == null
            ? Math.min(2 * perEpoch, Math.min(rising, to) / 2)
            : begin.iteration(perEpoch);
    if (schedule == Shape.ONE_SHOT) {
      to = from;
    }
    require(from <= to, "--begin", "must not be after --end", from + " (--end is " + to + ")");
    require(
        schedule == Shape.CONSTANT || to <= iterations,
        schedule == Shape.ONE_SHOT ? "--begin" : "--end",
        "must be within the " + iterations + " iterations of training",
        to);
    // An end at the end of training means the last iteration.
    int last = iterations - 1;
    return PruningListener.builder()
        .schedule(schedule.schedule(finalSparsity, Math.min(from, last), Math.min(to, last)))
        .updateEvery(updateEvery)
        .distribution(distribution.distribution())
        .build();
  }
}
