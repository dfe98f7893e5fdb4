package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.data.DataOptions;
import io.github.dl4jpruning.data.LabelledData;
import io.github.dl4jpruning.data.SampleSplit;
import io.github.dl4jpruning.examples.data.IdxFiles;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.examples.data.Images;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.models.NetworkForm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Digits and networks for the commands that take a model and data. */
class DigitsCommandTest {

  @TempDir Path folder;

  private static String run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    return out.toString();
  }

  private static void same(DataSet read, Images part) {
    for (int i = 0; i < part.size(); i++) {
      byte[] pixels = new byte[ImageFormat.MNIST.values()];
      float[] values = read.getFeatures().getRow(i).dup().data().asFloat();
      for (int j = 0; j < pixels.length; j++) {
        pixels[j] = (byte) values[j];
      }
      assertThat(pixels).isEqualTo(part.images()[i]);
      assertThat(read.getLabels().getRow(i).argMax().getInt(0)).isEqualTo(part.labels()[i]);
    }
  }

  @Test
  void shouldDivideThemAsTheMnistJob() throws IOException {
    IdxFiles.write(folder.resolve("mnist"), 360, 50);
    Path out = folder.resolve("out");

    run("digits", "--data", folder.resolve("mnist").toString(), "--output", out.toString());

    for (MnistNetwork kind : MnistNetwork.values()) {
      ModelFile model =
          ModelFile.load(
              out.resolve(kind == MnistNetwork.LENET_5 ? "lenet-5.zip" : "lenet-300-100.zip"));
      assertThat(model.network().params())
          .isEqualTo(kind.build(ImageFormat.MNIST, 1, new Adam(0.001), 0).params());
      assertThat(model.normalizer()).isPresent();
      NetworkForm form = NetworkForm.of(model.network(), Optional.empty());
      LabelledData data =
          LabelledData.open(
              List.of(LabelledData.Given.all(out.resolve("data"))), form, DataOptions.defaults());
      SampleSplit split = data.split(0.5, 0.4, 9);
      ImageData digits = MnistFiles.from(folder.resolve("mnist"));
      same(data.samples().read(split.training()), digits.train());
      same(data.samples().read(split.validation()), digits.validation());
      same(data.samples().read(split.test()), digits.test());
    }
  }

  /** What the mnist job has trained gets the same score from the commands. */
  @Test
  void shouldGiveTheScoreOfTheJob() throws IOException {
    IdxFiles.write(folder.resolve("mnist"), 360, 50);
    String digits = folder.resolve("mnist").toString();
    Path job = folder.resolve("job");
    run("mnist", "--data", digits, "--epochs=2", "--fine-tune-epochs=1", "--output=" + job);
    run("digits", "--data", digits, "--output", folder.resolve("own").toString());
    Path small = folder.resolve("small");

    run(
        "shrink",
        job.resolve("pruned.zip").toString(),
        "--data",
        folder.resolve("own").resolve("data").toString(),
        "--output",
        small.toString());

    JsonNode expected = new ObjectMapper().readTree(Files.readString(job.resolve("report.json")));
    JsonNode found = new ObjectMapper().readTree(Files.readString(small.resolve("report.json")));
    assertThat(found.at("/test/before").asDouble())
        .isEqualTo(expected.at("/pruned/testAccuracy").asDouble())
        .isEqualTo(found.at("/test/after").asDouble());
  }

  /** From an untrained network and digits to a runtime file and a report, in one command. */
  @Test
  void shouldMakeANetworkForDigitsSmall() throws IOException {
    IdxFiles.write(folder.resolve("mnist"), 720, 100);
    Path own = folder.resolve("own");
    run("digits", "--data", folder.resolve("mnist").toString(), "--output", own.toString());
    Path small = folder.resolve("small");
    String data = own.resolve("data").toString();

    run(
        "prune",
        own.resolve("lenet-300-100.zip").toString(),
        "--data=" + data,
        "--dense-epochs=8",
        "--rounds=2",
        "--fine-tune-epochs=4",
        "--threads=1",
        "--output=" + small);

    assertThat(small.resolve("report.html")).isNotEmptyFile();
    String score = run("evaluate", small.resolve("model.dl4jrun").toString(), "--data", data);
    assertThat(score).containsPattern("accuracy +0\\.[789]");
  }
}
