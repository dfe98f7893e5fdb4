package io.github.dl4jpruning.shrink;

import static io.github.dl4jpruning.shrink.ShrinkerFixtures.TOLERANCE;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.defaultNetwork;
import static io.github.dl4jpruning.shrink.ShrinkerFixtures.difference;
import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
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
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Where it would be easy to be wrong about layers, vertices, names and state: each was, once. */
class ShrinkerEdgesTest {

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
        defaultNetwork(
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
        defaultNetwork(
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
        defaultNetwork(
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
