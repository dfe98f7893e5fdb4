package io.github.dl4jpruning.data;

import io.github.dl4jpruning.data.LabelledData.Given;
import io.github.dl4jpruning.data.SampleSplit.Part;
import io.github.dl4jpruning.models.NetworkForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Finds out what data is, and reads it. */
final class DataOpener {

  private static final String KINDS =
      "a CSV file, a folder of class folders (images or CSV files), of CSV files, of IDX files or"
          + " of saved DataSets";

  private final List<Given> given;
  private final NetworkForm form;
  private final DataOptions options;
  private final DataKey key = new DataKey();
  private final List<Part> parts = new ArrayList<>();

  DataOpener(List<Given> given, NetworkForm form, DataOptions options) {
    this.given = given;
    this.form = form;
    this.options = options;
  }

  LabelledData open() throws IOException {
    Path first = given.get(0).path();
    Samples samples;
    if (LabelledData.idxPart(LabelledData.name(first)).isPresent()) {
      samples = idx();
    } else if (!Files.isDirectory(first)) {
      samples = table();
    } else {
      samples = folders(first);
    }
    return new LabelledData(samples, parts.toArray(Part[]::new), key.ofContent());
  }

  private Samples folders(Path first) throws IOException {
    List<Path> inside = LabelledData.children(first);
    if (inside.stream().anyMatch(Files::isDirectory)) {
      return form.input() instanceof InputType.InputTypeRecurrent ? sequencesInClasses() : images();
    } else if (inside.stream().anyMatch(DataOpener::isCsv)) {
      return sequences();
    } else if (inside.isEmpty()) {
      throw new IOException(first + ": expected " + KINDS + ", but found an empty folder");
    }
    return saved();
  }

  private static boolean isCsv(Path file) {
    return LabelledData.name(file).matches(".*\\.(csv|tsv|txt)");
  }

  private Samples table() throws IOException {
    if (form.input() instanceof InputType.InputTypeConvolutional) {
      throw new IllegalArgumentException(
          given.get(0).path()
              + ": expected a folder of images, as the model reads them, but found a file");
    } else if (form.input() instanceof InputType.InputTypeRecurrent) {
      throw new IllegalArgumentException(
          given.get(0).path()
              + ": expected sequences (a folder of CSV files), as the model reads them, but found a"
              + " file");
    }
    long inputs = form.input().arrayElementsPerExample();
    List<CsvRows> files = new ArrayList<>();
    for (Given one : given) {
      key.add(one.path());
      files.add(CsvRows.read(one.path(), options.table().delimiter(), files.size()));
    }
    Path file = given.get(0).path();
    TableReader reader = new TableReader(files, options.table());
    TableReader.Encoded read = reader.encoded(TableReader.Use.BOTH);
    if (read.x()[0].length != inputs) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected the %d inputs of the model, but found %d, of the columns %s",
              file,
              inputs,
              read.x()[0].length,
              read.features().stream().map(Column::name).toList()));
    }
    if (read.hasClassNumbers(form.outputs())) {
      reader = new TableReader(files, options.table().withClasses(Math.max(2, form.outputs())));
      read = reader.encoded(TableReader.Use.BOTH);
    }
    for (int source : reader.sources()) {
      parts.add(given.get(source).part());
    }
    return new TableSamples(
        new TabularData(
            read.features(),
            read.labels(),
            read.classes(),
            new DataSet(
                Nd4j.createFromArray(read.x()),
                Nd4j.createFromArray(read.labelsFor(form.outputs(), file)))));
  }

  /** The class folders of all given folders, which must have the same names. */
  private List<ClassFolders> classFolders() throws IOException {
    List<ClassFolders> all = new ArrayList<>();
    for (Given one : given) {
      ClassFolders folders = ClassFolders.of(one.path());
      if (!all.isEmpty() && !all.get(0).classes().equals(folders.classes())) {
        throw new IOException(
            one.path()
                + ": expected the class folders "
                + all.get(0).classes()
                + ", but found "
                + folders.classes());
      }
      all.add(folders);
    }
    checkClasses(given.get(0).path(), all.get(0).classes().size());
    return all;
  }

  private void checkClasses(Path where, int classes) {
    if (classes != form.outputs() && !(classes == 2 && form.outputs() == 1)) {
      throw new IllegalArgumentException(
          where
              + ": expected "
              + form.outputs()
              + " classes, as many as the model has outputs, but found "
              + classes);
    }
  }

  private Samples sequencesInClasses() throws IOException {
    List<ClassFolders.Labelled> files = new ArrayList<>();
    List<String> classes = classFolders().get(0).classes();
    for (Given one : given) {
      for (int label = 0; label < classes.size(); label++) {
        for (Path file : LabelledData.children(one.path().resolve(classes.get(label)))) {
          if (isCsv(file)) {
            files.add(new ClassFolders.Labelled(file, label));
            key.addInClass(file);
            parts.add(one.part());
          }
        }
      }
    }
    return new SequenceFiles(options.table(), form).inClasses(files, classes);
  }

  private Samples sequences() throws IOException {
    List<Path> files = new ArrayList<>();
    List<Path> tables = new ArrayList<>();
    for (Given one : given) {
      for (Path file : LabelledData.children(one.path())) {
        if (LabelledData.name(file).equals(SequenceFiles.LABELS)) {
          key.add(file);
          tables.add(file);
        } else if (isCsv(file)) {
          files.add(file);
          key.add(file);
          parts.add(one.part());
        }
      }
    }
    SequenceFiles reader = new SequenceFiles(options.table(), form);
    if (tables.isEmpty()) {
      return reader.withLabels(files);
    } else if (given.size() > 1) {
      throw new IllegalArgumentException(
          tables.get(0)
              + ": expected one folder if labels are in a file of their own, but found "
              + given.size());
    }
    return reader.labelledBy(tables.get(0), files);
  }

  private Samples images() throws IOException {
    List<ClassFolders.Labelled> files = new ArrayList<>();
    List<ClassFolders> folders = classFolders();
    for (int i = 0; i < folders.size(); i++) {
      for (ClassFolders.Labelled image : folders.get(i).images()) {
        files.add(image);
        key.addInClass(image.file());
        parts.add(given.get(i).part());
      }
    }
    PixelSamples.Form size = ImageForms.of(form, files.get(0).file(), options.redFirst());
    ClassFolders.Decoder decoder =
        new ClassFolders.Decoder(size.height(), size.width(), size.channels());
    IntFunction<byte[]> pixels =
        RecordStore.of(
            files.size(),
            size.values(),
            key.ofTimes() + "-" + size.width() + "x" + size.height() + "x" + size.channels(),
            options.cache(),
            options.notes(),
            i -> decoder.decode(files.get(i).file()));
    int[] labels = files.stream().mapToInt(ClassFolders.Labelled::label).toArray();
    return new PixelSamples(pixels, labels, folders.get(0).classes(), form.outputs(), size);
  }

  private Samples idx() throws IOException {
    List<byte[]> pixels = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    PixelSamples.Form size = null;
    for (Given one : given) {
      Path labelFile = labelsOf(one.path());
      IdxFile images = IdxFile.read(one.path());
      IdxFile classes = IdxFile.read(labelFile);
      if (images.items().length != classes.items().length || classes.sizes().length != 1) {
        throw new IOException(
            labelFile
                + ": expected "
                + images.items().length
                + " labels, as many as there are images, but found "
                + classes.items().length);
      }
      size = ImageForms.of(form, one.path(), images.sizes());
      for (int i = 0; i < images.items().length; i++) {
        pixels.add(images.items()[i]);
        labels.add(checkedLabel(labelFile, i, classes.items()[i][0] & 0xFF));
        parts.add(one.part());
      }
      key.add(one.path());
      key.add(labelFile);
    }
    int classes = Math.max(2, form.outputs());
    return new PixelSamples(
        pixels::get,
        labels.stream().mapToInt(Integer::intValue).toArray(),
        IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
        form.outputs(),
        Objects.requireNonNull(size));
  }

  private int checkedLabel(Path file, int position, int label) throws IOException {
    if (label >= Math.max(2, form.outputs())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected labels below %d, the number of the model's outputs, but the one at"
                  + " position %d is %d",
              file,
              Math.max(2, form.outputs()),
              position,
              label));
    }
    return label;
  }

  private static Path labelsOf(Path images) throws IOException {
    String prefix = LabelledData.idxPart(LabelledData.name(images)).orElseThrow();
    Path folder = images.resolveSibling(".");
    for (Path file : LabelledData.children(folder)) {
      if (LabelledData.name(file).matches(Pattern.quote(prefix) + "labels[.-]idx1-ubyte(\\.gz)?")) {
        return file;
      }
    }
    throw new IOException(images + ": expected the labels beside it, but found none");
  }

  private Samples saved() throws IOException {
    List<Path> files = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    boolean stepsLast =
        !(form.input() instanceof InputType.InputTypeRecurrent steps)
            || steps.getFormat() != RNNFormat.NWC;
    SavedSamples.Layout layout = null;
    for (Given one : given) {
      for (Path file : LabelledData.children(one.path())) {
        DataSet data = SavedSamples.read(file);
        int[] features = SavedSamples.shapeOf(data.getFeatures());
        int[] labels = SavedSamples.shapeOf(data.getLabels());
        SavedSamples.Layout own =
            new SavedSamples.Layout(
                features, labels, SavedSamples.Layout.stepsOf(features, stepsLast), stepsLast);
        layout = layout == null ? own : layout.with(file, features, labels);
        files.add(file);
        counts.add(data.numExamples());
        key.add(file);
        for (int i = 0; i < data.numExamples(); i++) {
          parts.add(one.part());
        }
      }
    }
    return saved(files, counts, Objects.requireNonNull(layout));
  }

  private Samples saved(List<Path> files, List<Integer> counts, SavedSamples.Layout layout)
      throws IOException {
    int all = parts.size();
    int[] file = new int[all];
    int[] row = new int[all];
    int at = 0;
    for (int f = 0; f < files.size(); f++) {
      for (int i = 0; i < counts.get(f); i++) {
        file[at] = f;
        row[at++] = i;
      }
    }
    LastFile last = new LastFile(files);
    IntFunction<byte[]> records =
        RecordStore.of(
            all,
            layout.length() * Float.BYTES,
            key.ofTimes() + "-" + Arrays.hashCode(layout.features()),
            options.cache(),
            options.notes(),
            i -> SavedSamples.record(last.get(file[i]), row[i], layout));
    int outputs = layout.labels()[layout.labels().length == 2 && !layout.stepsLast() ? 1 : 0];
    if (outputs != form.outputs()) {
      throw new IllegalArgumentException(
          files.get(0)
              + ": expected labels of "
              + form.outputs()
              + " values, as many as the model has outputs, but found "
              + outputs);
    }
    List<String> classes =
        form.classifies()
            ? IntStream.range(0, Math.max(2, outputs)).mapToObj(String::valueOf).toList()
            : List.of();
    return new SavedSamples(records, all, layout, classes);
  }

  /** The file that was read last. */
  private static final class LastFile {
    private final List<Path> files;
    private int at = -1;
    private DataSet data = new DataSet();

    LastFile(List<Path> files) {
      this.files = files;
    }

    synchronized DataSet get(int file) throws IOException {
      if (file != at) {
        data = SavedSamples.read(files.get(file));
        at = file;
      }
      return data;
    }
  }
}
