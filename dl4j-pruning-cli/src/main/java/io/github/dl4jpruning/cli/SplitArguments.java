package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.Metric;
import io.github.dl4jpruning.data.Normalization;
import io.github.dl4jpruning.data.SampleSplit;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how data is divided, normalised and scored. */
final class SplitArguments {

  @Option(
      names = "--validation",
      paramLabel = "FRACTION",
      defaultValue = "0.15",
      description = "The part of the data for all choices, unless it is given.")
  private double validation;

  @Option(
      names = "--test",
      paramLabel = "FRACTION",
      defaultValue = "0.15",
      description = "The part of the data for the final figures, unless it is given.")
  private double test;

  @Option(
      names = "--normalize",
      paramLabel = "HOW",
      description = {
        "One of: ${COMPLETION-CANDIDATES}. Default: as the model has it; otherwise the usual way,"
            + " unless another one gives a clearly better score on validation data."
      })
  private @Nullable Normalization normalization;

  @Option(
      names = "--metric",
      paramLabel = "METRIC",
      description =
          "The score, one of: ${COMPLETION-CANDIDATES}. Default: accuracy for classes, r2 for"
              + " numbers.")
  private @Nullable Metric metric;

  SampleSplit split(LabelledData data, long seed) {
    return data.split(validation, test, seed);
  }

  Optional<Normalization> normalization() {
    return Optional.ofNullable(normalization);
  }

  /** Returns the metric to use. */
  Metric metric(LabelledData data) {
    if (metric == null) {
      return usual(data);
    }
    metric.check(data.samples());
    return metric;
  }

  static Metric usual(LabelledData data) {
    return data.samples().classes().isEmpty() ? Metric.R2 : Metric.ACCURACY;
  }

  /** Returns everything that decides the outcome. */
  String identity() {
    return String.format(
        Locale.ROOT,
        "validation %s, test %s, normalize %s, metric %s",
        validation,
        test,
        normalization,
        metric);
  }
}
