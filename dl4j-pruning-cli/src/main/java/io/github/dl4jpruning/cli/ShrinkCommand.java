package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.pipeline.DenseTraining;
import io.github.dl4jpruning.pipeline.ShrinkJob;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.structured.StructuredPruner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code shrink}. */
@Command(
    name = "shrink",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Takes whole neurons and filters out of a model. Without a target only those that are dead:"
          + " the predictions stay the same. With data and a target those that matter least, with"
          + " fine-tuning in between. Shows parameters, MACs, file size, latency and score before"
          + " and after.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  shrink pruned.zip",
      "  shrink cnn.zip --data photos --target-macs 0.25",
      "  shrink iris.zip --data iris.csv --target-parameters 0.3 --rounds 4"
    })
public final class ShrinkCommand implements Callable<Integer> {

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Wanted data;
  @Mixin private SplitArguments parts;

  /** At most one target. */
  static final class Target {
    @Option(
        names = "--target-macs",
        paramLabel = "F",
        description =
            "Fraction of the MACs that may remain, in (0, 1). Without a target a model loses only"
                + " its dead units; at a sparsity of 0.9 it often has none.")
    private @Nullable Double macs;

    @Option(
        names = "--target-parameters",
        paramLabel = "F",
        description = "Fraction of the parameters that may remain, in (0, 1).")
    private @Nullable Double parameters;

    @Option(
        names = "--target-latency",
        paramLabel = "F",
        description =
            "Fraction of the time of output() on a batch that may remain, in (0, 1). Measured"
                + " times differ from run to run.")
    private @Nullable Double latency;
  }

  @ArgGroup private Target target = new Target();

  @Option(
      names = "--in-runtime",
      description =
          "Measure --target-latency in the runtime, one sample at a time, instead of output() on a"
              + " batch.")
  private boolean inRuntime;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Number of rounds to reach the target, at least 1.")
  private int rounds;

  @Mixin private FineTuneArguments fineTuning;

  @Option(
      names = "--max-score-drop",
      paramLabel = "D",
      defaultValue = "0.01",
      description =
          "How much worse than the dense model the validation score may be: 0.01 is one"
              + " percentage point of accuracy.")
  private double maxScoreDrop;

  @Option(
      names = "--distill",
      paramLabel = "W",
      defaultValue = "0.5",
      description = "Weight of distillation from the dense network to the smaller one, in [0, 1].")
  private double distill;

  @Option(
      names = "--round-widths-to",
      paramLabel = "N",
      defaultValue = "1",
      description = "Keep dead channels where this makes the width of a layer a multiple of N.")
  private int multiple;

  @Mixin private TrainingArguments training;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/shrink",
      description = "Folder for the models, the report and the chart.")
  private Path output;

  @Option(
      names = "--resume",
      description =
          "Go on after the last round of the run in the folder of --output, if there is one.")
  private boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    check();
    training.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      NetworkShrinker shrinker = NetworkShrinker.builder().roundWidthsTo(multiple).build();
      OutputFolder folder =
          model.output(
              output, ShrinkJob.BEFORE, ShrinkJob.AFTER, ShrinkJob.REPORT, ShrinkJob.CHART);
      Workbench.showNotes(file, out);
      if (data.path().isEmpty()) {
        Optional<NetworkForm> form = Workbench.form(file, data);
        new ShrinkJob(
                model.file(),
                form,
                file.normalizer(),
                Optional.empty(),
                Optional.empty(),
                shrinker,
                folder,
                out)
            .run(file.network(), resume);
        return 0;
      }
      Workbench bench =
          Workbench.open(file, data, parts, training, output.resolve(OutputFolder.CACHE), out);
      Optional<ShrinkJob.Rounds> rounds = rounds(bench);
      Optional<DataNormalization> normalizer =
          rounds.isPresent() ? bench.data().normalizer() : file.normalizer();
      Model network = rounds.isPresent() ? training.trainable(file) : file.network();
      new ShrinkJob(
              model.file(),
              Optional.of(bench.data().form()),
              normalizer,
              Optional.of(bench.scored()),
              rounds,
              shrinker,
              folder,
              out)
          .run(network, resume);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  /** What only a target uses. */
  private static final List<String> OF_ROUNDS =
      List.of(
          "--rounds",
          "--fine-tune-epochs",
          "--max-score-drop",
          "--distill",
          "--dense-epochs",
          "--learning-rate",
          "--optimizer",
          "--resume");

  private boolean hasTarget() {
    return target.macs != null || target.parameters != null || target.latency != null;
  }

  private void check() {
    training.check();
    fineTuning.check();
    require(!inRuntime || target.latency != null, "--in-runtime needs --target-latency");
    require(!hasTarget() || data.path().isPresent(), "a target needs --data");
    require(training.denseEpochs() == 0 || hasTarget(), "--dense-epochs needs a target");
    data.checkUsed(spec, "--metric", "--normalize", "--validation", "--test", "--batch-size");
    for (String option : hasTarget() ? List.of("--round-widths-to") : OF_ROUNDS) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(), option + (hasTarget() ? " excludes a target" : " needs a target"));
      }
    }
    check(rounds >= 1, "--rounds must be 1 or more", rounds);
    check(maxScoreDrop >= 0, "--max-score-drop must be 0 or more", maxScoreDrop);
    check(distill >= 0 && distill <= 1, "--distill must be in [0, 1]", distill);
    check(multiple >= 1, "--round-widths-to must be 1 or more", multiple);
  }

  private void check(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), rule + ", but is " + value);
    }
  }

  private void require(boolean holds, String rule) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), rule + ", which is not given");
    }
  }

  private Optional<ShrinkJob.Rounds> rounds(Workbench bench) {
    StructuredPruner.Builder pruner = StructuredPruner.builder();
    if (target.parameters != null) {
      pruner.targetParameters(target.parameters);
    } else if (target.macs != null) {
      pruner.targetMacs(target.macs);
    } else if (target.latency != null) {
      pruner.targetLatency(target.latency);
    } else {
      return Optional.empty();
    }
    pruner
        .rounds(rounds)
        .fineTuneEpochs(fineTuning.epochs(bench.batches()))
        .maxScoreDrop(maxScoreDrop)
        .inputTypes(bench.data().form().input());
    if (distill != 0.0) {
      pruner.distillation(distill, 1.0);
    }
    if (inRuntime) {
      pruner.latencyBy(
          new RuntimeLatency(ExportOptions.defaults().withInputTypes(bench.data().form().input())));
    }
    pruner.scoreCalculator(bench.data().validation(bench.metric())).build(); // refuses bad choices
    return Optional.of(
        new ShrinkJob.Rounds(
            pruner,
            new DenseTraining(training.denseEpochs(), training.learningRate(), training.seed()),
            identity(bench)));
  }

  private String identity(Workbench bench) {
    return String.join(
        "; ",
        bench.identity(model, data, parts, training),
        fineTuning.identity(),
        String.format(
            Locale.ROOT,
            "MACs %s, parameters %s, latency %s, in runtime %s, rounds %d, drop %s, distill %s",
            target.macs,
            target.parameters,
            target.latency,
            inRuntime,
            rounds,
            maxScoreDrop,
            distill));
  }
}
