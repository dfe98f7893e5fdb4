package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RuntimeExporter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** The command that shows how good a model is on the rows of a CSV file. */
class EvaluateTest {

  @TempDir private Path folder;

  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Result(code, out.toString(), err.toString());
  }

  /** Points around (100, 0), (200, 1) and (300, 0), so that a normaliser matters. */
  private List<String> points() {
    Random random = new Random(1);
    List<String> lines = new ArrayList<>(List.of("x,y,kind"));
    for (int i = 0; i < 90; i++) {
      double x = 100 * (1 + i % 3) + 5 * random.nextGaussian();
      double y = i % 3 % 2 + 0.1 * random.nextGaussian();
      String kind = List.of("left", "middle", "right").get(i % 3);
      lines.add(String.format(Locale.ROOT, "%.3f,%.3f,%s", x, y, kind));
    }
    return lines;
  }

  private static MultiLayerNetwork trained(List<String> lines, NormalizerStandardize normalizer) {
    float[][] x = new float[lines.size() - 1][2];
    float[][] y = new float[x.length][3];
    for (int i = 0; i < x.length; i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      x[i] = new float[] {Float.parseFloat(cells[0]), Float.parseFloat(cells[1])};
      y[i][List.of("left", "middle", "right").indexOf(cells[2])] = 1f;
    }
    DataSet data = new DataSet(Nd4j.createFromArray(x), Nd4j.createFromArray(y));
    normalizer.fit(data);
    normalizer.transform(data);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.1))
                .list()
                .layer(
                    new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(2)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    for (int epoch = 0; epoch < 200; epoch++) {
      network.fit(data);
    }
    return network;
  }

  @Test
  void shouldEvaluateModelsOfEveryKind() throws IOException {
    List<String> lines = points();
    Path data = Files.write(folder.resolve("points.csv"), lines);
    NormalizerStandardize normalizer = new NormalizerStandardize();
    MultiLayerNetwork network = trained(lines, normalizer);
    Path zip = folder.resolve("model.zip");
    ModelSerializer.writeModel(network, zip.toFile(), true);
    ModelSerializer.addNormalizerToModel(zip.toFile(), normalizer);
    Path runtime = folder.resolve("model.dl4jrun");
    RuntimeExporter.write(network, runtime, ExportOptions.defaults().withNormalizer(normalizer));

    for (Path model : List.of(zip, runtime)) {
      Result result = run("evaluate", model.toString(), "--data", data.toString());
      assertThat(result.err()).isEmpty();
      assertThat(result.code()).isZero();
      assertThat(result.out())
          .containsPattern("samples +90")
          .containsPattern("classes +3")
          .containsPattern("accuracy +(1.0000|0.9[0-9]+)")
          .contains("f1");
    }

    // Classes as numbers, without a header, another metric.
    List<String> numbers = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      numbers.add(line.replace("left", "0").replace("middle", "1").replace("right", "2"));
    }
    Path other = Files.write(folder.resolve("numbers.csv"), numbers);
    assertThat(run("evaluate", zip.toString(), "--data", other.toString(), "--metric", "auc").out())
        .containsPattern("classes +3")
        .containsPattern("auc +(1.0000|0.9[0-9]+)")
        .doesNotContain("accuracy");
  }

  @Test
  void shouldRefuseInOneLine() throws IOException {
    List<String> lines = points();
    MultiLayerNetwork network = trained(lines, new NormalizerStandardize());
    String model = folder.resolve("model.zip").toString();
    ModelSerializer.writeModel(network, Path.of(model).toFile(), true);
    String wide = Files.writeString(folder.resolve("wide.csv"), "1,2,3,0\n4,5,6,1\n").toString();
    String gap = Files.writeString(folder.resolve("gap.csv"), "1,,0\n4,5,1\n").toString();
    String classes = Files.writeString(folder.resolve("classes.csv"), "1,2,7\n4,5,1\n").toString();
    String two = Files.writeString(folder.resolve("two.csv"), "1,2,a\n4,5,b\n").toString();
    for (String[] arguments :
        new String[][] {
          {"evaluate", model},
          {"evaluate", model, "--data", folder.resolve("none.csv").toString()},
          {"evaluate", wide, "--data", wide},
          {"evaluate", model, "--data", wide},
          {"evaluate", model, "--data", gap},
          {"evaluate", model, "--data", classes},
          {"evaluate", model, "--data", two},
          {"evaluate", model, "--data", wide, "--label", "price"},
          {"evaluate", model, "--data", wide, "--metric", "luck"},
        }) {
      Result result = run(arguments);
      assertThat(result.code()).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(result.err()).as(result.err()).hasLineCount(1).startsWith("error: ");
      assertThat(result.out()).isEmpty();
    }
    assertThat(run("evaluate", model, "--data", gap).err()).contains("line 1", "column 2");
    assertThat(run("evaluate", model, "--data", wide).err()).contains("2 inputs", "found 3");
  }
}
