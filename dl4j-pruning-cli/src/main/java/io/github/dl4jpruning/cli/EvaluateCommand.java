package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.SampleBatches;
import io.github.dl4jpruning.data.SampleSplit;
import io.github.dl4jpruning.data.Samples;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code evaluate}. */
@Command(
    name = "evaluate",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Shows how good a model's predictions are: on the test part if the data is already divided,"
          + " on all samples otherwise.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  evaluate iris.zip --data iris.csv",
      "  evaluate houses.dl4jrun --data houses.csv --label price --ignore id --metric mae,r2",
      "  evaluate model.h5 --data photos/test"
    })
public final class EvaluateCommand implements Callable<Integer> {

  private static final int BATCH = 64;

  /** The range of pixels that a model without a normaliser reads. */
  enum Pixels {
    BYTES,
    UNIT,
    SYMMETRIC
  }

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A zip saved by DL4J, a checkpoint, a compact file, a Keras 2 file (.h5), or a runtime"
              + " file.")
  private Path file;

  @Mixin private DataArguments.Needed data;

  @Option(
      names = "--metric",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "METRIC",
      split = ",",
      description = {
        "What to show, any of: ${COMPLETION-CANDIDATES}. Default: accuracy and F1 for classes, the"
            + " errors and R2 for numbers."
      })
  private List<Metric> metrics = List.of();

  @Option(
      names = "--pixels",
      paramLabel = "RANGE",
      defaultValue = "bytes",
      description = {
        "Images for a model without a normaliser: bytes (0 to 255), unit (0 to 1) or symmetric (-1"
            + " to 1)."
      })
  private Pixels pixels;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    try {
      Predictor model = Predictor.load(file, data.shape());
      LabelledData opened =
          LabelledData.open(data.given(), model.form(), data.options(model.kind()));
      opened.check(model);
      Samples samples = opened.samples();
      metrics.forEach(metric -> metric.check(samples));
      if (pixels != Pixels.BYTES && (model.normalizes() || !opened.isImages())) {
        throw new IllegalArgumentException(
            "expected --pixels only for images and a model without a normaliser, but found "
                + (model.normalizes() ? "a model with one" : samples.title()));
      }
      int[] all = positions(opened);
      Map<Metric, Double> values =
          Metric.of(
              model::predict,
              SampleBatches.inOrder(samples, all, BATCH).through(scaler()),
              model.form().steps(),
              shown(samples));
      show(samples, all.length, values);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  private static int[] positions(LabelledData data) {
    boolean divided = Arrays.asList(data.parts()).contains(SampleSplit.Part.TEST);
    return IntStream.range(0, data.samples().size())
        .filter(i -> !divided || data.parts()[i] == SampleSplit.Part.TEST)
        .toArray();
  }

  private Optional<ImagePreProcessingScaler> scaler() {
    return pixels == Pixels.BYTES
        ? Optional.empty()
        : Optional.of(new ImagePreProcessingScaler(pixels == Pixels.SYMMETRIC ? -1 : 0, 1));
  }

  private List<Metric> shown(Samples samples) {
    if (!metrics.isEmpty()) {
      return metrics;
    }
    return samples.classes().isEmpty()
        ? List.of(Metric.MSE, Metric.MAE, Metric.R2)
        : List.of(Metric.ACCURACY, Metric.F1);
  }

  private void show(Samples samples, int count, Map<Metric, Double> values) {
    TextTable text = new TextTable("predictions", "");
    text.row("samples", String.format(Locale.ROOT, "%,d", count));
    text.row("data", samples.title());
    if (!samples.classes().isEmpty()) {
      text.row("classes", String.valueOf(samples.classes().size()));
    }
    values.forEach(
        (metric, value) -> text.row(metric.toString(), String.format(Locale.ROOT, "%.4f", value)));
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
