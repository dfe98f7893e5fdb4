package io.github.dl4jpruning.export;

import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;

/**
 * Wrote the golden files of the runtime's tests. They are never rewritten: later versions must read
 * the files of version 1. For a new version, run it with a folder.
 */
@SuppressWarnings("deprecation") // DL4J still has a GravesLSTM
final class GoldenFiles {

  private GoldenFiles() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    ExportOptions options = ExportOptions.defaults();
    write(folder, "perceptron", perceptron(), options, 1);
    write(
        folder,
        "images",
        images(),
        options.withInputTypes(InputType.convolutional(8, 7, 2)).withHalfPrecision(),
        1);
    write(folder, "sequences", sequences(), options, 6);
  }

  private static void write(
      Path folder, String name, Model network, ExportOptions options, int steps)
      throws IOException {
    Agreement.prune(network, 11);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    RuntimeExporter.write(InferencePlan.of(network, options), options, bytes);
    Files.write(folder.resolve(name + ".dl4jrun"), bytes.toByteArray());
    SparseModel model = SparseModel.load(new ByteArrayInputStream(bytes.toByteArray()));
    float[] input = new float[model.inputs().get(0).length() * steps];
    for (int i = 0; i < input.length; i++) {
      input[i] = i % 3 == 0 ? 0f : (i * 37 % 101 - 50) / 25f;
    }
    StringBuilder text = new StringBuilder();
    for (float value : model.newSession().run(input)) {
      text.append(value).append('\n');
    }
    Files.writeString(folder.resolve(name + ".txt"), text);
  }

  private static NeuralNetConfiguration.Builder defaults() {
    return new NeuralNetConfiguration.Builder().seed(12).activation(Activation.RELU);
  }

  private static Model perceptron() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            defaults()
                .list()
                .layer(new DenseLayer.Builder().nIn(30).nOut(12).build())
                .layer(new DenseLayer.Builder().nIn(12).nOut(8).activation(Activation.ELU).build())
                .layer(
                    new OutputLayer.Builder().nIn(8).nOut(5).activation(Activation.SOFTMAX).build())
                .build());
    network.init();
    return network;
  }

  private static Model images() {
    ComputationGraph graph =
        new ComputationGraph(
            defaults()
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(8, 7, 2))
                .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "image")
                .addLayer("b", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "a")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer(
                    "c", new ConvolutionLayer.Builder(3, 3).stride(2, 2).nOut(5).build(), "sum")
                .addLayer("pool", new SubsamplingLayer.Builder(2, 2).stride(2, 2).build(), "c")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build(),
                    "pool")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  private static Model sequences() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            defaults()
                .activation(Activation.TANH)
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(5).build())
                .layer(new GravesLSTM.Builder().nIn(5).nOut(4).build())
                .layer(new Bidirectional(new SimpleRnn.Builder().nIn(4).nOut(3).build()))
                .layer(
                    new RnnOutputLayer.Builder()
                        .nIn(6)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }
}
