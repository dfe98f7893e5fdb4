package io.github.dl4jpruning.export;

import io.github.dl4jpruning.export.c.InC;
import io.github.dl4jpruning.export.onnx.InOnnx;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Makes a network of some layers and compares what the exporters make of it with DL4J. */
final class Kinds {

  static final int EXAMPLES = 2;

  private Kinds() {}

  static MultiLayerNetwork network(InputType type, Layer... layers) {
    ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(4).activation(Activation.TANH).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(type).build());
    network.init();
    Agreement.prune(network, 5);
    return network;
  }

  /** Runs a batch in DL4J, in the runtime and as C, and leaves it to be run in ONNX Runtime. */
  static void check(InOnnx onnx, String what, InputType type, INDArray batch, Layer... layers) {
    MultiLayerNetwork network = network(type, layers);
    Agreement.check(network, batch, type, what);
    onnx.add(what, network, type, batch);
    InC.check(what, network, type, batch);
  }

  static Layer image() {
    return new ConvolutionLayer.Builder(2, 2).nOut(4).build();
  }
}
