package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.data.Column;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.TabularData;
import io.github.dl4jpruning.data.TabularOptions;
import io.github.dl4jpruning.models.Predictor;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
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
      "Shows how good a model's predictions are on the rows of a CSV file. Texts become one input"
          + " for each text, in alphabetical order.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  evaluate iris.zip --data iris.csv",
      "  evaluate houses.dl4jrun --data houses.csv --label price --ignore id --metric mae,r2"
    })
public final class EvaluateCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A zip saved by DL4J, a checkpoint, a compact file, a Keras 2 file (.h5), or a runtime"
              + " file.")
  private Path file;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "A CSV file in UTF-8; a header is found by itself.")
  private Path data;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns to predict, by name or by number from 1. Default: the last column.")
  private List<String> labels = List.of();

  @Option(
      names = "--ignore",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns to leave out, by name or by number from 1.")
  private List<String> ignored = List.of();

  @Option(
      names = "--delimiter",
      paramLabel = "CHARACTER",
      defaultValue = ",",
      description = "What stands between cells.")
  private char delimiter;

  @Option(
      names = "--missing",
      paramLabel = "WHAT",
      defaultValue = "refuse",
      description = "What to do with rows in which a value is missing: ${COMPLETION-CANDIDATES}.")
  private TabularOptions.Missing missing;

  @Option(
      names = "--metric",
      paramLabel = "METRIC",
      split = ",",
      description = {
        "What to show, any of: ${COMPLETION-CANDIDATES}. Default: accuracy and F1 for classes, the"
            + " errors and R2 for numbers."
      })
  private List<Metric> metrics = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Predictor model = Predictor.load(file);
    TabularOptions options =
        TabularOptions.defaults()
            .withLabels(labels.toArray(String[]::new))
            .ignoring(ignored.toArray(String[]::new))
            .withDelimiter(delimiter)
            .withMissing(missing);
    try {
      TabularData table = TabularData.read(data, options);
      INDArray predictions = model.predict(table.dataSet());
      if (table.classes().isEmpty() && table.labels().size() == 1 && predictions.size(1) > 1) {
        table = TabularData.read(data, options.withClasses((int) predictions.size(1)));
      }
      show(table, predictions);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return 0;
  }

  private void show(TabularData table, INDArray predictions) {
    boolean classes = !table.classes().isEmpty();
    List<Metric> shown = metrics;
    if (shown.isEmpty()) {
      shown =
          classes
              ? List.of(Metric.ACCURACY, Metric.F1)
              : List.of(Metric.MSE, Metric.MAE, Metric.R2);
    }
    TextTable text = new TextTable("predictions", "");
    text.row("samples", String.format(Locale.ROOT, "%,d", predictions.size(0)));
    text.row(
        "predicted",
        table.labels().stream().map(Column::name).collect(Collectors.joining(", "))
            + (classes ? " (" + table.classes().size() + " classes)" : ""));
    for (Metric metric : shown) {
      double value = metric.of(table.dataSet().getLabels(), predictions);
      text.row(metric.name().toLowerCase(Locale.ROOT), String.format(Locale.ROOT, "%.4f", value));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
