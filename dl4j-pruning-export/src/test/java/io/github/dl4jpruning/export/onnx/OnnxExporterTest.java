package io.github.dl4jpruning.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import onnx.Onnx.ModelProto;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

/** What the exporter writes, and what it refuses. */
class OnnxExporterTest {

  private static final String SOURCE =
      "src/test/java/io/github/dl4jpruning/export/onnx/OnnxExporterTest.java";

  @TempDir private Path folder;

  private static DenseLayer dense(int width) {
    return new DenseLayer.Builder().nOut(width).activation(Activation.RELU).build();
  }

  private static OutputLayer output(int classes) {
    return new OutputLayer.Builder().nOut(classes).activation(Activation.SOFTMAX).build();
  }

  /** A perceptron of which nine of ten weights are zero. */
  private static MultiLayerNetwork pruned() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(dense(60))
                .layer(output(10))
                .setInputType(InputType.feedForward(100))
                .build());
    network.init();
    Random random = new Random(2);
    INDArray weights = network.getParam("0_W");
    for (long i = 0; i < weights.length(); i++) {
      if (random.nextInt(10) > 0) {
        weights.putScalar(i, 0.0);
      }
    }
    return network;
  }

  @Test
  void shouldNameInputsAndOutputsOfAGraph() throws Exception {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("左", "right side")
                .setInputTypes(InputType.feedForward(4), InputType.feedForward(3))
                .addLayer("a", dense(6), "左")
                .addLayer("b", dense(6), "a")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer("c", dense(5), "right side")
                .addVertex("both", new MergeVertex(), "sum", "c")
                .addLayer("class", output(4), "both")
                .addLayer("other class", output(2), "sum")
                .setOutputs("class", "other class")
                .build());
    graph.init();
    Path file = folder.resolve("graph.onnx");
    ExportReport report = OnnxExporter.write(graph, file);
    assertThat(report.largestDifference()).isLessThan(1e-5);
    assertThat(report.bytes()).isEqualTo(Files.size(file));
    assertThat(folder.resolve("graph.onnx.check.json")).content().contains("differentClasses");

    OnnxRun onnx = new OnnxRun(folder);
    INDArray[] one = {Nd4j.rand(1, 4), Nd4j.rand(1, 3)};
    INDArray[] seven = {Nd4j.rand(7, 4), Nd4j.rand(7, 3)};
    byte[] model = Files.readAllBytes(file);
    onnx.add("one", model, Map.of("左", one[0], "right side", one[1]));
    onnx.add("seven", model, Map.of("左", seven[0], "right side", seven[1]));
    Files.delete(file);
    onnx.run();

    assertThat(onnx.info("one").lines().toList())
        .hasSize(4)
        .anyMatch(line -> line.startsWith("in") && line.contains("左") && line.contains("-1, 4"))
        .anyMatch(line -> line.startsWith("in") && line.contains("right side"))
        .anyMatch(line -> line.startsWith("out") && line.contains("name=class,"))
        .anyMatch(line -> line.contains("other class") && line.contains("-1, 2"));
    for (Map.Entry<String, INDArray[]> batch : Map.of("one", one, "seven", seven).entrySet()) {
      INDArray[] expected = graph.output(batch.getValue());
      Map<String, OnnxMain.Tensor> found = onnx.outputs(batch.getKey());
      assertThat(found.get("class").shape()).containsExactly(expected[0].shape());
      OnnxRun.assertClose(found.get("class"), expected[0], "class");
      OnnxRun.assertClose(found.get("other class"), expected[1], "other class");
    }
  }

  @Test
  void shouldWriteSparseAndHalf() throws Exception {
    MultiLayerNetwork network = pruned();
    INDArray batch = Nd4j.rand(5, 100);
    OnnxRun onnx = new OnnxRun(folder);
    ExportOptions plain = ExportOptions.defaults();
    onnx.add("dense", network, plain, Map.of("input", batch));
    onnx.add("sparse", network, plain.withSparseInitializers(), Map.of("input", batch));
    onnx.add("half", network, plain.withHalfPrecision(), Map.of("input", batch));
    onnx.add(
        "both",
        network,
        plain.withHalfPrecision().withSparseInitializers(),
        Map.of("input", batch));
    onnx.run();

    long size = size("dense");
    assertThat(size("sparse")).isLessThan(size * 6 / 10);
    assertThat(size("half")).isLessThan(size * 6 / 10);
    assertThat(size("both")).isLessThan(size("half"));
    INDArray expected = network.output(batch);
    OnnxRun.assertClose(onnx.outputs("dense").get("output"), expected, "dense");
    OnnxRun.assertClose(onnx.outputs("sparse").get("output"), expected, "sparse");
    assertNear(onnx.outputs("half").get("output"), expected);
    assertNear(onnx.outputs("both").get("output"), expected);
  }

  private long size(String name) throws IOException {
    return Files.size(folder.resolve(name + ".onnx"));
  }

  /** Eleven bits of each weight. */
  private static void assertNear(OnnxMain.Tensor found, INDArray expected) {
    float[] wanted = expected.dup('c').data().asFloat();
    for (int i = 0; i < wanted.length; i++) {
      assertThat(found.values()[i]).isCloseTo(wanted[i], Offset.offset(0.01f));
    }
  }

  /**
   * As in the runtime file that is compared with DL4J: a scale of 1e-9 is zero in half precision.
   */
  @Test
  void halfPrecisionIsForWeightsAlone() throws Exception {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new LSTM.Builder().nOut(20).build())
                .setInputType(InputType.recurrent(20))
                .build());
    network.init();
    NormalizerStandardize scale = new NormalizerStandardize();
    INDArray wide = Nd4j.rand(50, 20, 4).muli(1e9);
    scale.fit(new DataSet(wide, Nd4j.rand(50, 20, 4)));
    INDArray batch = Nd4j.rand(3, 20, 4).muli(1e9);
    OnnxRun onnx = new OnnxRun(folder);
    onnx.add(
        "half",
        network,
        ExportOptions.defaults().withNormalizer(scale).withHalfPrecision(),
        Map.of("input", batch));
    onnx.run();
    INDArray normalised = batch.dup();
    scale.transform(normalised);
    assertNear(onnx.outputs("half").get("output"), network.output(normalised));
  }

  /** The sample of docs/deploy.md, with another place of the file. */
  @Test
  void theSampleOfThePageRuns() throws Exception {
    MultiLayerNetwork network = pruned();
    Path file = folder.resolve("model.onnx");
    ExportReport report = OnnxExporter.write(network, file);
    float[] pixels = Nd4j.rand(1, 100).data().asFloat();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession session = environment.createSession(file.toString());
    OnnxTensor input = OnnxTensor.createTensor(environment, new float[][] {pixels});
    float[][] output = (float[][]) session.run(Map.of("input", input)).get(0).getValue();

    assertThat(report.toString()).contains("compared with DL4J on", "64 random samples");
    float[] expected =
        network.output(Nd4j.createFromArray(new float[][] {pixels})).data().asFloat();
    assertThat(output[0]).containsExactly(expected, Offset.offset(1e-5f));
    String page = Files.readString(Path.of("..", "docs", "deploy.md"));
    String test = Files.readString(Path.of(SOURCE));
    String samples = page.substring(page.indexOf("ExportReport report"));
    for (String line :
        samples.lines().filter(l -> l.matches("Ort.*;|OnnxTensor.*;|float.*;")).toList()) {
      assertThat(test).contains(line.replace("\"model.onnx\"", "file.toString()"));
    }
  }

  @Test
  void shouldSayWhoMadeIt() throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxExporter.write(pruned(), file);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    assertThat(model.getProducerName()).isEqualTo("dl4j-pruning");
    assertThat(model.getIrVersion()).isEqualTo(8);
    assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(13);
    assertThat(model.getMetadataPropsList())
        .anyMatch(p -> p.getKey().equals("sparsity") && p.getValue().startsWith("0.8"))
        .anyMatch(p -> p.getKey().equals("compression ratio"));
  }

  @Test
  void shouldRefuseByNameBeforeAnythingIsWritten() throws IOException {
    MultiLayerNetwork masked =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new MaskZeroLayer(new LSTM.Builder().nIn(3).nOut(2).build(), 0.0))
                .build());
    masked.init();
    MultiLayerNetwork cubic =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new SimpleRnn.Builder().nIn(3).nOut(2).activation(Activation.CUBE).build())
                .build());
    cubic.init();
    Path file = folder.resolve("model.onnx");
    ExportOptions options = ExportOptions.defaults().withInputTypes(InputType.recurrent(3));
    assertThatThrownBy(() -> OnnxExporter.write(masked, file, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer0")
        .hasMessageContaining("skips masked steps");
    assertThatThrownBy(() -> OnnxExporter.write(cubic, file, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer0")
        .hasMessageContaining("CUBE");
    assertThat(folder).isEmptyDirectory();
    Path noFolder = Files.writeString(folder.resolve("text"), "text");
    assertThatThrownBy(() -> OnnxExporter.write(pruned(), noFolder.resolve("model.onnx")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(noFolder.toString());
  }
}
