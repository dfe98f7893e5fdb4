package io.github.dl4jpruning.data;

import io.github.dl4jpruning.models.NetworkForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** Reads sequences from CSV files: one file for each sequence, one row for each step. */
final class SequenceFiles {

  /** Names the label of each sequence, in two columns: file and label. */
  static final String LABELS = "labels.csv";

  private final TabularOptions options;
  private final NetworkForm form;

  SequenceFiles(TabularOptions options, NetworkForm form) {
    this.options = options;
    this.form = form;
  }

  /** Reads sequences whose class is the name of their folder. */
  SequenceSamples inClasses(List<ClassFolders.Labelled> files, List<String> classes)
      throws IOException {
    if (classes.size() != form.outputs() && !(classes.size() == 2 && form.outputs() == 1)) {
      throw new IllegalArgumentException(
          "expected a folder for each of the "
              + form.outputs()
              + " outputs of the model, but found "
              + classes);
    }
    float[][][] labels = new float[files.size()][1][form.outputs()];
    for (int i = 0; i < labels.length; i++) {
      int label = files.get(i).label();
      if (form.outputs() == 1) {
        labels[i][0][0] = label;
      } else {
        labels[i][0][label] = 1f;
      }
    }
    List<Path> paths = files.stream().map(ClassFolders.Labelled::file).toList();
    TableReader reader = reader(paths, options);
    float[][] x = reader.encoded(TableReader.Use.FEATURES).x();
    return samples(paths, reader.sources(), x, labels, classes);
  }

  /** Reads sequences with columns of labels: one label for each step. */
  SequenceSamples withLabels(List<Path> files) throws IOException {
    TableReader reader = reader(files, options);
    TableReader.Encoded all = reader.encoded(TableReader.Use.BOTH);
    if (all.hasClassNumbers(form.outputs())) {
      reader = reader(files, options.withClasses(Math.max(2, form.outputs())));
      all = reader.encoded(TableReader.Use.BOTH);
    }
    float[][] y = all.labelsFor(form.outputs(), files.get(0));
    float[][][] labels = cut(files, reader.sources(), y);
    return samples(files, reader.sources(), all.x(), labels, all.classes());
  }

  /** Reads sequences whose labels are in a file of their own. */
  SequenceSamples labelledBy(Path table, List<Path> files) throws IOException {
    CsvRows rows = CsvRows.read(table, options.delimiter(), 0);
    Map<String, Integer> positions = new HashMap<>();
    for (int i = 0; i < files.size(); i++) {
      positions.put(String.valueOf(files.get(i).getFileName()), i);
    }
    boolean header = !positions.containsKey(rows.rows().get(0).cells().get(0));
    TabularOptions two =
        TabularOptions.defaults()
            .withDelimiter(options.delimiter())
            .withHeader(header)
            .withLabels(Integer.toString(rows.rows().get(0).cells().size()));
    TableReader.Encoded read = new TableReader(List.of(rows), two).encoded(TableReader.Use.LABELS);
    if (read.hasClassNumbers(form.outputs())) {
      read =
          new TableReader(List.of(rows), two.withClasses(Math.max(2, form.outputs())))
              .encoded(TableReader.Use.LABELS);
    }
    float[][] y = read.labelsFor(form.outputs(), table);
    float[][][] labels = new float[files.size()][][];
    for (int r = 0; r < y.length; r++) {
      CsvRows.Row row = rows.rows().get(header ? r + 1 : r);
      Integer at = positions.get(row.cells().get(0));
      if (at == null) {
        throw new IOException(
            table
                + ", line "
                + row.line()
                + ": expected the name of a file beside it, but found "
                + row.cells().get(0));
      }
      labels[at] = new float[][] {y[r]};
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == null) {
        throw new IOException(
            table + ": expected a row for each file, but found none for " + files.get(i));
      }
    }
    TableReader reader = reader(files, options);
    float[][] x = reader.encoded(TableReader.Use.FEATURES).x();
    return samples(files, reader.sources(), x, labels, read.classes());
  }

  private static TableReader reader(List<Path> files, TabularOptions options) throws IOException {
    List<CsvRows> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      all.add(CsvRows.read(files.get(i), options.delimiter(), i));
    }
    return new TableReader(all, options);
  }

  private SequenceSamples samples(
      List<Path> files, int[] sources, float[][] x, float[][][] labels, List<String> classes)
      throws IOException {
    if (!(form.input() instanceof InputType.InputTypeRecurrent steps)) {
      throw new IllegalArgumentException(
          files.get(0)
              + ": expected a model that reads sequences, but found one for "
              + form.input());
    }
    if (steps.getSize() != x[0].length) {
      throw new IllegalArgumentException(
          files.get(0)
              + ": expected the "
              + steps.getSize()
              + " inputs of the model in each row, but found "
              + x[0].length);
    }
    RNNFormat format = steps.getFormat() == null ? RNNFormat.NCW : steps.getFormat();
    return new SequenceSamples(cut(files, sources, x), labels, classes, format, form.steps());
  }

  /** Cuts the rows of all files into those of each. */
  private static float[][][] cut(List<Path> files, int[] sources, float[][] rows)
      throws IOException {
    float[][][] cut = new float[files.size()][][];
    for (int from = 0; from < rows.length; ) {
      int to = from;
      while (to < rows.length && sources[to] == sources[from]) {
        to++;
      }
      cut[sources[from]] = Arrays.copyOfRange(rows, from, to);
      from = to;
    }
    for (int i = 0; i < cut.length; i++) {
      if (cut[i] == null) {
        throw new IOException(files.get(i) + ": expected at least one step, but found none");
      }
    }
    return cut;
  }
}
