package io.github.dl4jpruning.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Broken files and wrong options: one line, exit code 2, nothing half-written. */
class BadInputTest {

  private static final List<String> COMMANDS =
      List.of(
          "prune", "evaluate", "sensitivity", "one-shot", "sweep", "shrink", "compress", "export");

  @TempDir Path folder;
  private Path model;
  private Path table;

  @BeforeEach
  void prepare() throws IOException {
    model = OwnData.perceptron(folder.resolve("model.zip"), 5, 3);
    table = OwnData.flowers(folder.resolve("flowers.csv"), 60);
  }

  /** All commands refuse a model or data; other options are those of prune. */
  private void refused(Path ofModel, Path data, String message, String... more) throws IOException {
    Path output = folder.resolve("out");
    for (String command : more.length > 0 ? List.of("prune") : COMMANDS) {
      List<String> args =
          new ArrayList<>(List.of(command, ofModel.toString(), "--data", data.toString()));
      if (!command.equals("evaluate")) {
        args.addAll(List.of("--output", output.toString()));
      }
      args.addAll(List.of(more));
      Run run = Run.of(args.toArray(String[]::new));
      assertThat(run.err()).as(command).startsWith("error: ").hasLineCount(1).contains(message);
      assertThat(run.code()).isEqualTo(2);
      if (Files.exists(output)) {
        try (Stream<Path> left = Files.list(output)) {
          assertThat(left.map(file -> file.getFileName().toString()))
              .allMatch(name -> name.equals(".lock") || name.equals("state"));
        }
      }
    }
  }

  @Test
  void shouldRefuseBrokenModels() throws IOException {
    byte[] whole = Files.readAllBytes(model);
    refused(Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, 700)), table, "");
    refused(Files.write(folder.resolve("empty.zip"), new byte[0]), table, "empty.zip");
    refused(folder.resolve("none.zip"), table, "found no file");
    refused(folder, table, "found a folder");
    refused(table, table, "expected a model");
    byte[] hdf = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 1, 2, 3};
    refused(Files.write(folder.resolve("broken.h5"), hdf), table, "broken.h5");
  }

  @Test
  void shouldRefuseTablesThatDoNotFit() throws IOException {
    refused(model, folder.resolve("none.csv"), "expected a file or a folder with data");
    refused(
        model,
        Files.writeString(folder.resolve("wide.csv"), "1,2,a\n3,4,b\n5,6,c\n"),
        "expected the 5 inputs of the model, but found 2, of the columns [1, 2]");
    refused(
        model,
        Files.writeString(folder.resolve("two.csv"), "1,2,3,4,5,a\n3,4,5,6,7,b\n"),
        "expected 3 classes, as many as the model has outputs, in [6], but found 2 [a, b]");
    refused(
        model,
        Files.writeString(folder.resolve("gap.csv"), "1,2,3,4,5,a\n3,,5,6,7,b\n2,3,4,5,6,c\n"),
        "line 2: expected a value in column 2");
    refused(
        model,
        Files.writeString(folder.resolve("short.csv"), "1,2,3,4,5,a\n3,5,6\n"),
        "line 2: expected 6 columns, as in line 1, but found 3");
    refused(model, Files.write(folder.resolve("bytes.csv"), new byte[] {0, 1, 2}), "bytes.csv");
    refused(model, Files.write(folder.resolve("empty.csv"), new byte[0]), "found none");
  }

  @Test
  void shouldRefuseFoldersThatDoNotFit() throws IOException {
    Path cnn = OwnData.convolutional(folder.resolve("cnn.zip"));
    Path images = OwnData.shapes(folder.resolve("images"), 10);
    refused(model, images, "expected 3 classes, as many as the model has outputs, but found 2");
    refused(cnn, images, "it refuses a sample of the shape [1, 3, 30, 30]", "--input=30x30x3");
    Files.createDirectories(images.resolve("none"));
    refused(cnn, images, "expected 2 classes");
    Files.delete(images.resolve("none"));
    Files.writeString(images.resolve("bar").resolve("zz.png"), "no image");
    refused(cnn, images, "zz.png: expected an image, but it cannot be read");
    refused(cnn, Files.createDirectories(folder.resolve("empty")), "found an empty folder");
    Path lstm = OwnData.recurrent(folder.resolve("lstm.zip"), false);
    refused(lstm, table, "expected sequences (a folder of CSV files)");
    Path trends = OwnData.trends(folder.resolve("trends"), 5);
    refused(cnn, trends, "falling: expected images (");
    Files.writeString(trends.resolve("rising").resolve("999.csv"), "value\n1\n");
    refused(lstm, trends, "999.csv: expected the columns of");
  }

  @Test
  void shouldRefuseIdxAndDataSetsThatDoNotFit() throws IOException {
    Path idx = Files.createDirectories(folder.resolve("idx"));
    Files.write(idx.resolve("train-images-idx3-ubyte"), new byte[] {0, 0, 8, 3, 0, 0});
    refused(model, idx, "expected the labels beside it, but found none");
    Files.write(idx.resolve("train-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 2});
    refused(model, idx, "train-images-idx3-ubyte: expected as many bytes");
    Path saved = Files.createDirectories(folder.resolve("saved"));
    Files.writeString(saved.resolve("a.bin"), "none");
    refused(model, saved, "a.bin: expected a");
    new DataSet(Nd4j.rand(4, 5), Nd4j.rand(4, 2)).save(saved.resolve("a.bin").toFile());
    refused(model, saved, "expected labels of 3 values, as many as the model has outputs");
    DataSet withNames = new DataSet(Nd4j.rand(4, 5), Nd4j.rand(4, 3));
    withNames.setLabelNames(List.of("a", "b", "c"));
    withNames.save(saved.resolve("a.bin").toFile());
    refused(model, saved, "expected a DataSet without metadata and label names");
  }

  @Test
  void shouldRefuseOptionsThatDoNotFit() throws IOException {
    refused(model, table, "--final-sparsity must be in [0, 1), but is 1.0", "--final-sparsity=1");
    refused(model, table, "--rounds must be 1 or more", "--rounds=0");
    refused(model, table, "--learning-rate must be", "--learning-rate=-1");
    refused(model, table, "--teacher needs --distill", "--teacher", model.toString());
    refused(model, table, "there is no such file", "--recipe", "none.yaml");
    refused(model, table, "excludes other targets", "--target-macs=.5", "--target-latency=.5");
    refused(model, table, "fractions above 0", "--validation=0.6", "--test=0.5");
    refused(model, table, "but found unit", "--normalize=unit");
    refused(model, table, "--metric", "--metric=luck");
    refused(model, table, "the target of MACs must be in (0, 1)", "--target-macs=2", "--no-scan");
    Path narrow = OwnData.perceptron(folder.resolve("narrow.zip"), 4, 3);
    refused(
        model,
        table,
        "it refuses a sample of the shape [1, 5]",
        "--distill=0.5",
        "--teacher",
        narrow.toString());
    Path recipe =
        Files.writeString(folder.resolve("r.yaml"), "schedule: {constant: {sparsity: 0.5}}");
    refused(
        model,
        table,
        "--recipe excludes --max-score-drop",
        "--recipe",
        recipe.toString(),
        "--max-score-drop=0.1");
    Path other = OwnData.perceptron(folder.resolve("other.zip"), 5, 2);
    refused(
        model,
        table,
        "--teacher: expected a model with 3 outputs, but found 2",
        "--distill=0.5",
        "--teacher",
        other.toString());
  }
}
