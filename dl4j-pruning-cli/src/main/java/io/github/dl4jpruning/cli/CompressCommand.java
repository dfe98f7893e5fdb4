package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.TrainingSetup;
import io.github.dl4jpruning.pipeline.CompressJob;
import io.github.dl4jpruning.pipeline.CompressJob.Sharing;
import io.github.dl4jpruning.pipeline.ScoredData;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code compress}. */
@Command(
    name = "compress",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model to a compact file, lossless or with weights that share a few values, which"
          + " can then be fine-tuned. Shows the size of each form and, with data, its score; reads"
          + " the file back and compares it with the model.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  compress pruned.zip",
      "  compress pruned.zip --data iris.csv",
      "  compress pruned.zip --data photos --bits 4 --fine-tune-epochs 2"
    })
public final class CompressCommand implements Callable<Integer> {

  private static final int MOST_BITS = 8;

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Wanted data;
  @Mixin private SplitArguments parts;

  @Option(
      names = "--bits",
      paramLabel = "N",
      description =
          "Weights share 2^N values in each tensor; N is 1 to 8. Default: the file is lossless.")
  private @Nullable Integer bits;

  @Option(
      names = "--fine-tune-epochs",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "With --bits and --data: train the shared values for this many epochs, while the codes"
              + " stay fixed; the epoch with the best validation score is kept.")
  private int fineTuneEpochs;

  @Option(
      names = "--fine-tune-rate",
      paramLabel = "R",
      defaultValue = "0.0001",
      description = "Learning rate for --fine-tune-epochs.")
  private double fineTuneRate;

  @Mixin private BatchArguments batches;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/compress",
      description = "Folder for the compact file, the report and the chart.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    check();
    batches.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      ModelFile file = model.load();
      OutputFolder folder =
          model.output(output, CompressJob.MODEL, CompressJob.REPORT, CompressJob.CHART);
      Workbench.showNotes(file, out);
      Optional<ScoredData> scored = scored(file, out);
      Optional<DataNormalization> normalizer = file.normalizer();
      if (fineTuneEpochs > 0) { // the values learn from normalised inputs
        normalizer = scored.flatMap(given -> given.data().normalizer());
      } else if (scored.flatMap(given -> given.data().normalizer()).isPresent()
          && normalizer.isEmpty()) {
        out.println("note: the file has no normaliser; the scores are for normalised inputs");
      }
      Optional<Sharing> sharing =
          Optional.ofNullable(bits)
              .map(count -> new Sharing(count, fineTuneEpochs, fineTuneRate, batches.seed()));
      Model network =
          fineTuneEpochs > 0 ? TrainingSetup.withOneHotLabels(file.network()) : file.network();
      new CompressJob(normalizer, scored, sharing, folder, out).run(network);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  private Optional<ScoredData> scored(ModelFile file, PrintWriter out) throws IOException {
    return data.path().isEmpty()
        ? Optional.empty()
        : Optional.of(
            Workbench.open(file, data, parts, batches, output.resolve(OutputFolder.CACHE), out)
                .scored());
  }

  private void check() {
    data.checkUsed(spec, "--metric", "--normalize", "--validation", "--test", "--batch-size");
    batches.check();
    require(bits == null || (bits >= 1 && bits <= MOST_BITS), "--bits", "1 to " + MOST_BITS, bits);
    require(fineTuneEpochs >= 0, "--fine-tune-epochs", "0 or more", fineTuneEpochs);
    require(
        fineTuneEpochs == 0 || bits != null,
        "--fine-tune-epochs",
        "0 without --bits",
        fineTuneEpochs);
    require(
        fineTuneEpochs == 0 || data.path().isPresent(),
        "--fine-tune-epochs",
        "0 without --data",
        fineTuneEpochs);
    require(
        fineTuneRate > 0 && Double.isFinite(fineTuneRate),
        "--fine-tune-rate",
        "a finite number above 0",
        fineTuneRate);
  }

  private void require(boolean holds, String option, String rule, @Nullable Object value) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), option + " must be " + rule + ", but is " + value);
    }
  }
}
