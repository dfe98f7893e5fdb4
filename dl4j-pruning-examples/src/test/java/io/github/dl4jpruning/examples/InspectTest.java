package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** The command that shows what is in a model. */
class InspectTest {

  @TempDir private Path folder;

  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Result(code, out.toString(), err.toString());
  }

  private Path saved(String name, Layer... layers) throws IOException {
    NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.build());
    network.init();
    Path file = folder.resolve(name);
    ModelSerializer.writeModel(network, file.toFile(), true);
    return file;
  }

  @Test
  void shouldShowLayersAndWhatCanBeDone() throws IOException {
    Path file =
        saved(
            "model",
            new DenseLayer.Builder().nIn(20).nOut(30).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nIn(30).nOut(2).build());

    Result result = run("inspect", file.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("model: a model saved by DL4J", "MultiLayerNetwork")
        .containsPattern("layer0 +DenseLayer +600 +0.00% +600 +yes +yes")
        .containsPattern("layer1 +OutputLayer +60 +0.00% +60 +yes +-")
        .contains("692 parameters, 0 of 660 weights are zero (0.00%).")
        .endsWith("export: yes\n");
  }

  @Test
  void shouldTakeTheShapeOfTheInput() throws IOException {
    Path file = saved("images", new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(4).build());

    assertThat(run("inspect", file.toString()).out())
        .containsPattern("ConvolutionLayer +72 +0.00% +[?] ")
        .contains("it has LossMSE now")
        .contains("export: input of the network: expected an input whose size can be told");
    assertThat(run("inspect", file.toString(), "--input", "8x8x2").out())
        .containsPattern("ConvolutionLayer +72 +0.00% +2,592 ")
        .contains("export: yes");
  }

  @Test
  void shouldRefuseInOneLine() throws IOException {
    Path file = saved("one", new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(4).build());
    Path text = Files.writeString(folder.resolve("text"), "text");
    for (String[] arguments :
        new String[][] {
          {"inspect"},
          {"inspect", text.toString()},
          {"inspect", folder.toString()},
          {"inspect", folder.resolve("none").toString()},
          {"inspect", file.toString(), "--input", "8x8x2,3"},
          {"inspect", file.toString(), "--input", "8x"},
        }) {
      Result result = run(arguments);
      assertThat(result.code()).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(result.err()).hasLineCount(1).startsWith("error: ");
      assertThat(result.out()).isEmpty();
    }
  }
}
