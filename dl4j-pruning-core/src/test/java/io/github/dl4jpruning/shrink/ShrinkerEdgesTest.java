package io.github.dl4jpruning.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Where it would be easy to be wrong: each was, once. */
class ShrinkerEdgesTest {

  private static final double TOLERANCE = 1e-6;

  private static MultiLayerNetwork network(InputType input, Consumer<ListBuilder> layers) {
    ListBuilder list = new NeuralNetConfiguration.Builder().seed(5).updater(new Sgd(0.1)).list();
    layers.accept(list);
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  private static RnnOutputLayer steps() {
    return new RnnOutputLayer.Builder(LossFunction.MSE)
        .nOut(2)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static double difference(INDArray expected, INDArray actual) {
    return expected.sub(actual).amaxNumber().doubleValue();
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
        network(
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
        network(
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
        network(
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
        network(
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

  /** A flattening of a user's own, which may order as it likes. */
  public static final class OwnFlattening extends CnnToFeedForwardPreProcessor {
    private static final long serialVersionUID = 1;

    /** For JSON. */
    public OwnFlattening() {}

    OwnFlattening(long height, long width, long channels) {
      super(height, width, channels);
    }
  }

  /** Counted from behind, they may mean the channels. */
  @Test
  void shouldLeaveAloneWhatIsPooledOverUnknownDimensions() {
    for (int[] dimensions : new int[][] {{-2, -1}, {2, 3}, {1, 2}}) {
      MultiLayerNetwork network =
          new MultiLayerNetwork( // with a type of input, DL4J chooses the dimensions itself
              new NeuralNetConfiguration.Builder()
                  .list()
                  .layer(new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(3).build())
                  .layer(new GlobalPoolingLayer.Builder().poolingDimensions(dimensions).build())
                  .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(3).nOut(2).build())
                  .build());
      network.init();
      network.getLayer(0).getParam("W").get(NDArrayIndex.point(1)).assign(0);
      network.getLayer(0).getParam("b").putScalar(1, 0.0);
      INDArray input = Nd4j.rand(2, 2, 5, 5); // as high and wide as there are channels, behind

      NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
          NetworkShrinker.builder().build().apply(network);

      assertThat(shrunk.report().removed()).isEqualTo(dimensions[0] == 2 ? 1 : 0);
      assertThat(difference(network.output(input), shrunk.network().output(input)))
          .isLessThan(TOLERANCE);
    }
  }

  @Test
  void shouldNotTrustASubclass() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder(2, 2)
                        .nIn(1)
                        .nOut(3)
                        .build())
                .layer(new DenseLayer.Builder().nIn(12).nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                .inputPreProcessor(1, new OwnFlattening(2, 2, 3))
                .build());
    network.init();
    network.getLayer(0).getParam("W").get(NDArrayIndex.point(1)).assign(0);
    network.getLayer(0).getParam("b").putScalar(1, 0.0);

    ShrinkReport report = NetworkShrinker.builder().build().apply(network).report();

    assertThat(report.layers().get(0).after()).isEqualTo(3);
    assertThat(report.fullWidth()).anyMatch(line -> line.contains("OwnFlattening"));
  }

  @Test
  void shouldLeaveVerticesAloneThatDoNotLookAtChannels() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .graphBuilder()
                .addInputs("in")
                .addLayer("rnn", new SimpleRnn.Builder().nOut(5).build(), "in")
                .addVertex("back", new ReverseTimeSeriesVertex(), "rnn")
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "back")
                .addLayer(
                    "out",
                    new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 5, RNNFormat.NWC))
                .build());
    graph.init();
    graph.getLayer("lstm").getParam("W").getRow(1).assign(0);
    INDArray input = Nd4j.rand(2, 5, 3);

    ComputationGraph smaller = NetworkShrinker.shrink(graph);

    assertThat(difference(graph.outputSingle(input), smaller.outputSingle(input)))
        .isLessThan(TOLERANCE);
  }

  @Test
  void shouldNotInitialiseWhatItCopies() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            list ->
                list.layer(
                        new DenseLayer.Builder()
                            .nOut(4)
                            .weightInit(WeightInit.IDENTITY) // which is square
                            .build())
                    .layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build()));
    network.getLayer(1).getParam("W").getRow(2).assign(0);
    long root = Nd4j.getRandom().rootState();
    long node = Nd4j.getRandom().nodeState();

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(smaller.layerSize(0)).isEqualTo(3);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(root);
    assertThat(Nd4j.getRandom().nodeState()).isEqualTo(node);
  }

  @Test
  void shouldMakeNoUpdaterWhereThereIsNone() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                .build());
    network.init();

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(network.getUpdater(false)).isNull();
    assertThat(smaller.getUpdater(false)).isNull();
  }

  @Test
  void shouldCarryOverTheStateOfManyBlocks() {
    // DL4J begins a new block of updater state at each batch normalisation.
    ListBuilder list = new NeuralNetConfiguration.Builder().updater(new Adam(0.01)).list();
    int blocks = 12;
    for (int i = 0; i < blocks; i++) {
      list.layer(new DenseLayer.Builder().nOut(6).build()).layer(new BatchNormalization());
    }
    list.layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build());
    MultiLayerNetwork network =
        new MultiLayerNetwork(list.setInputType(InputType.feedForward(5)).build());
    network.init();
    INDArray input = Nd4j.rand(8, 5);
    INDArray labels = Nd4j.rand(8, 2);
    network.fit(input, labels);
    MultiLayerNetwork same = NetworkShrinker.shrink(network);

    network.fit(input, labels);
    same.fit(input, labels);

    assertThat(same.params()).isEqualTo(network.params());
  }

  @Test
  void shouldNotHideWhatIsNoNumber() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            list ->
                list.layer(new DenseLayer.Builder().nOut(5).activation(Activation.RELU).build())
                    .layer(
                        new OutputLayer.Builder(LossFunction.MSE)
                            .nOut(2)
                            .activation(Activation.IDENTITY)
                            .build()));
    network.getLayer(0).getParam("W").getColumn(1).assign(0);
    network.getLayer(0).getParam("b").putScalar(1, -0.5);
    network.getLayer(1).getParam("W").putScalar(1, 0, Double.NaN);

    INDArray output = NetworkShrinker.shrink(network).output(Nd4j.rand(2, 4));

    assertThat(output.getDouble(0)).isNaN();
  }

  @Test
  void shouldTellTwoLayersOfOneNameApart() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            list ->
                list.layer(new DenseLayer.Builder().nOut(5).name("x").build())
                    .layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).name("x").build()));

    for (int input = 0; input < 4; input++) {
      network.getParam("0_W").putScalar(input, 3, 0.0); // a unit of the first that gives nothing
    }
    INDArray in = Nd4j.rand(3, 4);
    INDArray before = network.output(in).dup();

    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);

    assertThat(smaller.getParam("0_W").shape()).containsExactly(4, 4);
    assertThat(smaller.getParam("1_W").shape()).containsExactly(4, 2);
    assertThat(smaller.output(in).equalsWithEps(before, 1e-6)).isTrue();
  }
}
