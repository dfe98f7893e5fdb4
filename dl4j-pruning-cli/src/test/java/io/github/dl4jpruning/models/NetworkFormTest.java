package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class NetworkFormTest {

  private static NetworkForm form(InputType input, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return NetworkForm.of(network, Optional.empty());
  }

  private static OutputLayer output(int n, Activation activation) {
    return new OutputLayer.Builder(LossFunction.MSE).nOut(n).activation(activation).build();
  }

  @Test
  void shouldFindTheSizeOfImages() {
    for (int side : new int[] {12, 16, 28, 32, 64}) {
      NetworkForm form =
          form(
              InputType.convolutional(side, side, 3),
              new ConvolutionLayer.Builder(3, 3).nOut(2).build(),
              new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
              new DenseLayer.Builder().nOut(4).build(),
              output(2, Activation.SOFTMAX));
      assertThat(form.input()).isEqualTo(InputType.convolutional(side, side, 3));
      assertThat(form.classifies()).isTrue();
      assertThat(form.outputs()).isEqualTo(2);
    }
  }

  @Test
  void shouldLeaveTheSizeOpenIfAnyFits() {
    NetworkForm form =
        form(
            InputType.convolutional(20, 30, 1),
            new ConvolutionLayer.Builder(3, 3)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(2)
                .build(),
            new GlobalPoolingLayer.Builder().build(),
            output(1, Activation.IDENTITY));
    assertThat(((InputType.InputTypeConvolutional) form.input()).getHeight()).isZero();
    assertThat(form.classifies()).isFalse();
    assertThat(form.withImages(20, 30).input()).isEqualTo(InputType.convolutional(20, 30, 1));
  }

  @Test
  void shouldKnowSequences() {
    NetworkForm form =
        form(
            InputType.recurrent(3),
            new LSTM.Builder().nOut(4).build(),
            new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build());
    assertThat(form.steps()).contains(RNNFormat.NCW);
    assertThat(form.input()).isInstanceOf(InputType.InputTypeRecurrent.class);
  }

  @Test
  void shouldRefuseSeveralInputs() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("a", "b")
                .addLayer("out", output(2, Activation.SOFTMAX), "a", "b")
                .setInputTypes(InputType.feedForward(2), InputType.feedForward(3))
                .setOutputs("out")
                .build());
    graph.init();
    assertThatThrownBy(() -> NetworkForm.of(graph, Optional.empty()))
        .hasMessage("expected a model with one input and one output, but found 2 and 1");
  }
}
