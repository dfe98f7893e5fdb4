package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.data.DataOptions;
import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.TabularOptions;
import io.github.dl4jpruning.models.FileKind;
import io.github.dl4jpruning.models.InputShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say what data is and how it is read. */
abstract class DataArguments {

  private static final String PATH =
      "A CSV file in UTF-8; or a folder: class folders with images or with CSV files (sequences);"
          + " CSV files, one for each sequence; IDX files like MNIST's; saved DataSets. A folder"
          + " with train, validation and test in it is already divided.";

  private static final List<String> ABOUT_DATA =
      List.of("--label", "--ignore", "--delimiter", "--header", "--missing", "--colours");

  /** Stands in front of the other options. */
  private static final int FIRST = -2;

  /** Data that a command needs. */
  static final class Needed extends DataArguments {
    @Option(
        names = "--data",
        order = FIRST,
        paramLabel = "PATH",
        required = true,
        description = {PATH})
    private Path data;

    @Override
    Optional<Path> path() {
      return Optional.of(data);
    }
  }

  /** Data that a command can do without. */
  static final class Wanted extends DataArguments {
    @Option(
        names = "--data",
        order = FIRST,
        paramLabel = "PATH",
        description = {PATH})
    private @Nullable Path data;

    @Override
    Optional<Path> path() {
      return Optional.ofNullable(data);
    }

    /** Refuses options that say something about data if there is none. */
    void checkUsed(CommandSpec command, String... others) {
      if (data != null) {
        return;
      }
      for (String option : Stream.concat(ABOUT_DATA.stream(), Stream.of(others)).toList()) {
        if (command.commandLine().getParseResult().hasMatchedOption(option)) {
          throw new ParameterException(
              command.commandLine(), option + " needs --data, which is not given");
        }
      }
    }
  }

  /** The order of colours of an image. */
  enum Colours {
    BGR,
    RGB
  }

  @Option(
      names = "--label",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "COLUMN",
      split = ",",
      description =
          "CSV: columns to predict, by name or by number from 1. Default: the last column.")
  private List<String> labels = List.of();

  @Option(
      names = "--ignore",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "COLUMN",
      split = ",",
      description = "CSV: columns to leave out, by name or by number from 1.")
  private List<String> ignored = List.of();

  @Option(
      names = "--delimiter",
      paramLabel = "CHARACTER",
      defaultValue = ",",
      description = "CSV: what stands between cells.")
  private char delimiter;

  @Option(
      names = "--header",
      arity = "1",
      paramLabel = "BOOLEAN",
      description = "CSV: whether the first row has names. Default: found out.")
  private @Nullable Boolean header;

  @Option(
      names = "--missing",
      paramLabel = "WHAT",
      defaultValue = "refuse",
      description =
          "CSV: what to do with rows in which a value is missing: refuse, drop or" + " fill.")
  private TabularOptions.Missing missing;

  @Option(
      names = "--input",
      paramLabel = "SHAPE",
      converter = InspectCommand.ShapeConverter.class,
      description =
          "The shape of a sample, if the model leaves it open: 32x32x3 (height x width x"
              + " channels), for instance.")
  private @Nullable InputShape shape;

  @Option(
      names = "--colours",
      paramLabel = "ORDER",
      description =
          "Images: the order of colours that the model reads, bgr or rgb. Default: rgb for Keras"
              + " models, bgr for others, as DataVec gives them.")
  private @Nullable Colours colours;

  /** The file or folder; empty if there is none. */
  abstract Optional<Path> path();

  /** The data to open. */
  List<LabelledData.Given> given() {
    return List.of(LabelledData.Given.all(path().orElseThrow()));
  }

  Optional<InputShape> shape() {
    return Optional.ofNullable(shape);
  }

  /** Returns how to read data for a model of a kind. */
  DataOptions options(FileKind kind) {
    boolean redFirst = colours == null ? kind == FileKind.KERAS : colours == Colours.RGB;
    return DataOptions.defaults().withTable(table()).withRedFirst(redFirst);
  }

  private TabularOptions table() {
    TabularOptions table =
        TabularOptions.defaults()
            .withLabels(labels.toArray(String[]::new))
            .ignoring(ignored.toArray(String[]::new))
            .withDelimiter(delimiter)
            .withMissing(missing);
    return header == null ? table : table.withHeader(header);
  }

  /** Returns everything that decides what is read, to tell runs apart. */
  String identity() {
    return String.format(
        Locale.ROOT,
        "labels %s, ignored %s, delimiter '%s', header %s, missing %s, input %s, colours %s",
        labels,
        ignored,
        delimiter,
        header,
        missing,
        shape,
        colours);
  }
}
