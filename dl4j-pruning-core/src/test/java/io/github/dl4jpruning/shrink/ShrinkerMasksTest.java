package io.github.dl4jpruning.shrink;

import static io.github.dl4jpruning.shrink.ShrinkerFixtures.TOLERANCE;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.defaultNetwork;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.difference;
import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A unit with a constant output is not folded where masks, or steps that are filled up, make zeros
 * of it.
 */
class ShrinkerMasksTest {

  private static RnnOutputLayer steps() {
    return new RnnOutputLayer.Builder(LossFunction.MSE)
        .nOut(2)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** Unit 1 gives a constant that is not zero. */
  private static void silenceUnit(MultiLayerNetwork network, int layer, double bias) {
    network.getLayer(layer).getParam("W").getColumn(1).assign(0);
    network.getLayer(layer).getParam("RW").getColumn(1).assign(0);
    network.getLayer(layer).getParam("RW").getRow(1).assign(0);
    network.getLayer(layer).getParam("b").putScalar(1, bias);
  }

  @Test
  void shouldNotFoldWhatAMaskMakesZero() {
    MultiLayerNetwork network =
        defaultNetwork(
            InputType.recurrent(3, 6),
            list ->
                list.layer(new SimpleRnn.Builder().nOut(4).activation(Activation.TANH).build())
                    .layer(new Convolution1DLayer.Builder(3).nOut(3).build())
                    .layer(steps()));
    silenceUnit(network, 0, 0.3);
    INDArray input = Nd4j.rand(2, 3, 6);
    INDArray mask = Nd4j.ones(2, 6);
    mask.get(NDArrayIndex.point(0), NDArrayIndex.interval(3, 6)).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(difference(network.output(input), smaller.output(input))).isLessThan(TOLERANCE);
    assertThat(
            difference(
                network.output(input, false, mask, null), smaller.output(input, false, mask, null)))
        .isLessThan(TOLERANCE);
  }

  @Test
  void shouldNotFoldWhatALayerMasksByItself() {
    MultiLayerNetwork network =
        defaultNetwork(
            InputType.recurrent(3, 6),
            list ->
                list.layer(
                        new MaskZeroLayer(
                            new SimpleRnn.Builder().nOut(4).activation(Activation.TANH).build(),
                            0.0))
                    .layer(steps()));
    silenceUnit(network, 0, 0.3);
    INDArray input = Nd4j.rand(2, 3, 6);
    input.get(NDArrayIndex.point(0), NDArrayIndex.all(), NDArrayIndex.interval(2, 4)).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(difference(network.output(input), smaller.output(input))).isLessThan(TOLERANCE);
  }

  @Test
  void shouldNotFoldAWordThatIsMasked() {
    MultiLayerNetwork network =
        defaultNetwork(
            InputType.feedForward(6),
            list ->
                list.layer(
                        new EmbeddingSequenceLayer.Builder()
                            .nIn(5)
                            .nOut(4)
                            .inputLength(6)
                            .hasBias(true)
                            .activation(Activation.IDENTITY)
                            .build())
                    .layer(new Convolution1DLayer.Builder(3).nIn(4).nOut(3).build())
                    .layer(steps()));
    network.getLayer(0).getParam("W").getColumn(1).assign(0);
    network.getLayer(0).getParam("b").putScalar(1, 0.4);
    INDArray input = Nd4j.createFromArray(new float[][] {{0, 1, 2, 3, 4, 0}, {1, 1, 2, 2, 3, 3}});
    INDArray mask = Nd4j.ones(2, 6);
    mask.get(NDArrayIndex.point(0), NDArrayIndex.interval(3, 6)).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(
            difference(
                network.output(input, false, mask, null), smaller.output(input, false, mask, null)))
        .isLessThan(TOLERANCE);
  }

  @Test
  void shouldNotFoldThroughAMaskLayer() {
    MultiLayerNetwork network =
        defaultNetwork(
            InputType.recurrent(3, 6),
            list ->
                list.layer(new Convolution1DLayer.Builder(1).nOut(4).build())
                    .layer(new MaskLayer())
                    .layer(new Convolution1DLayer.Builder(3).nOut(3).build())
                    .layer(steps()));
    network.getLayer(0).getParam("W").assign(0);
    network.getLayer(0).getParam("b").assign(0.5);
    INDArray input = Nd4j.rand(2, 3, 6);
    INDArray mask = Nd4j.ones(2, 6);
    mask.get(NDArrayIndex.point(0), NDArrayIndex.interval(3, 6)).assign(0);

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(
            difference(
                network.output(input, false, mask, null), smaller.output(input, false, mask, null)))
        .isLessThan(TOLERANCE);
  }

  @Test
  void shouldNotFoldWhatAStackFillsUp() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .graphBuilder()
                .addInputs("a", "b")
                .addLayer("left", new SimpleRnn.Builder().nIn(3).nOut(4).build(), "a")
                .addLayer("right", new SimpleRnn.Builder().nIn(3).nOut(4).build(), "b")
                .addVertex("stack", new StackVertex(), "left", "right")
                .addLayer(
                    "conv",
                    new Convolution1DLayer.Builder(2)
                        .convolutionMode(ConvolutionMode.Same)
                        .nIn(4)
                        .nOut(3)
                        .build(),
                    "stack")
                .addLayer(
                    "out",
                    new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "conv")
                .setOutputs("out")
                .build());
    graph.init();
    for (String layer : new String[] {"left", "right"}) {
      graph.getLayer(layer).getParam("W").getColumn(1).assign(0);
      graph.getLayer(layer).getParam("RW").getColumn(1).assign(0);
      graph.getLayer(layer).getParam("RW").getRow(1).assign(0);
      graph.getLayer(layer).getParam("b").putScalar(1, 0.3);
    }
    INDArray[] input = {Nd4j.rand(2, 3, 5), Nd4j.rand(2, 3, 3)};

    ComputationGraph smaller = NetworkShrinker.shrink(graph);

    assertThat(difference(graph.output(input)[0], smaller.output(input)[0])).isLessThan(TOLERANCE);
  }
}
