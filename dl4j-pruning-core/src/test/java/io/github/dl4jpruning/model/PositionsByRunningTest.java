package io.github.dl4jpruning.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * At how many positions a weight is multiplied, counted by running: a network is run on one
 * example, and each layer then on ones in the shape that has really arrived at it. A weight that is
 * greater by one makes the sum of the outputs greater by one for each multiplication.
 */
class PositionsByRunningTest {

  static final int STEPS = 7;

  /** A network and the type of its input. */
  record Case(String name, MultiLayerNetwork network, InputType input) {
    @Override
    public String toString() {
      return name;
    }
  }

  static NeuralNetConfiguration.ListBuilder layers(
      org.deeplearning4j.nn.conf.layers.Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .activation(Activation.IDENTITY)
            .convolutionMode(ConvolutionMode.Truncate)
            .list();
    for (org.deeplearning4j.nn.conf.layers.Layer layer : layers) {
      list.layer(layer);
    }
    return list;
  }

  static Case given(String name, InputType input, NeuralNetConfiguration.ListBuilder layers) {
    MultiLayerConfiguration configuration = layers.setInputType(input).build();
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return new Case(name, network, input);
  }

  static DenseLayer dense(int width) {
    return new DenseLayer.Builder().nOut(width).build();
  }

  static LSTM lstm() {
    return new LSTM.Builder().nOut(6).build();
  }

  static RnnOutputLayer ofEachStep() {
    return new RnnOutputLayer.Builder(LossFunction.MSE)
        .nOut(3)
        .activation(Activation.IDENTITY)
        .build();
  }

  static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MSE)
        .nOut(3)
        .activation(Activation.IDENTITY)
        .build();
  }

  static ConvolutionLayer convolution(int width) {
    return new ConvolutionLayer.Builder(3, 3).nOut(width).build();
  }

  static Stream<Case> cases() {
    InputType sequence = InputType.recurrent(4, STEPS);
    InputType image = InputType.convolutional(8, 6, 2);
    InputType video = InputType.recurrent(8L * 6 * 2, STEPS);
    List<Case> cases = new ArrayList<>();
    cases.add(given("dense in steps", sequence, layers(lstm(), dense(5), lstm(), ofEachStep())));
    cases.add(
        given(
            "time-distributed",
            sequence,
            layers(lstm(), new TimeDistributed(dense(5)), lstm(), ofEachStep())));
    cases.add(given("dense first", sequence, layers(dense(5), dense(4), lstm(), ofEachStep())));
    cases.add(given("last step", sequence, layers(new LastTimeStep(lstm()), dense(5), output())));
    cases.add(
        given(
            "pooled",
            sequence,
            layers(dense(5), lstm(), new GlobalPoolingLayer(), dense(4), output())));
    cases.add(
        given(
            "both directions",
            sequence,
            layers(
                new Bidirectional(lstm()),
                dense(5),
                new SimpleRnn.Builder().nOut(3).build(),
                ofEachStep())));
    cases.add(
        given(
            "1D convolution",
            sequence,
            layers(new Convolution1DLayer.Builder(3).nOut(5).build(), lstm(), ofEachStep())));
    cases.add(
        given(
            "image",
            image,
            layers(
                convolution(3),
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                new Upsampling2D.Builder(2).build(),
                new DepthwiseConvolution2D.Builder().kernelSize(2, 2).depthMultiplier(2).build(),
                new Deconvolution2D.Builder(2, 2).nOut(2).build(),
                dense(5),
                output())));
    cases.add(
        given(
            "flat image",
            InputType.convolutionalFlat(8, 6, 2),
            layers(convolution(3), dense(5), output())));
    cases.add(
        given(
            "volume",
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 5, 6, 2),
            layers(
                new Convolution3D.Builder(2, 2, 2).nOut(3).build(),
                new GlobalPoolingLayer(),
                dense(5),
                output())));
    cases.add(
        given(
            "video",
            video,
            layers(convolution(3), dense(5), lstm(), ofEachStep())
                .inputPreProcessor(0, new RnnToCnnPreProcessor(8, 6, 2))
                .inputPreProcessor(1, new CnnToFeedForwardPreProcessor(6, 4, 3))
                .inputPreProcessor(2, new FeedForwardToRnnPreProcessor())));
    cases.add(
        given(
            "video to sequence",
            video,
            layers(convolution(3), lstm(), dense(5), ofEachStep())
                .inputPreProcessor(0, new RnnToCnnPreProcessor(8, 6, 2))
                .inputPreProcessor(1, new CnnToRnnPreProcessor(6, 4, 3))));
    cases.add(
        given(
            "two preprocessors at once",
            sequence,
            layers(new LSTM.Builder().nOut(24).build(), convolution(3), dense(5), output())
                .inputPreProcessor(
                    1,
                    new ComposableInputPreProcessor(
                        new RnnToFeedForwardPreProcessor(),
                        new FeedForwardToCnnPreProcessor(6, 4, 1)))));
    cases.add(
        given(
            "reshaped",
            InputType.feedForward(12),
            layers(dense(12), lstm(), ofEachStep())
                .inputPreProcessor(
                    1, new ReshapePreprocessor(new long[] {12}, new long[] {4, 3}, false))));
    return cases.stream();
  }

  private static INDArray example(InputType type) {
    long[] shape = type.getShape(true);
    shape[0] = 1;
    return Nd4j.ones(shape);
  }

  /** How often a weight is multiplied, for each of the layer's weight matrices. */
  private static Map<String, Long> counted(String name, Layer layer, INDArray arrived) {
    Map<String, Long> counts = new HashMap<>();
    boolean recurrent =
        layer.conf().getLayer() instanceof org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer
            || layer.conf().getLayer() instanceof Bidirectional
            || layer.conf().getLayer() instanceof LastTimeStep;
    for (Map.Entry<String, INDArray> entry : layer.paramTable().entrySet()) {
      if (entry.getValue().rank() < 2 || entry.getKey().endsWith("b")) {
        continue;
      }
      long count =
          recurrent && !(layer.conf().getLayer() instanceof RnnOutputLayer)
              ? steps(layer, arrived) // a gate is not linear, but is computed in each step
              : multiplications(layer, entry.getValue(), arrived);
      counts.put(name + "." + entry.getKey(), count);
    }
    return counts;
  }

  private static long steps(Layer layer, INDArray arrived) {
    boolean last =
        layer.conf().getLayer() instanceof LSTM lstm && lstm.getRnnDataFormat() == RNNFormat.NWC;
    return arrived.size(last ? 1 : 2);
  }

  private static long multiplications(Layer layer, INDArray weights, INDArray arrived) {
    INDArray ones = Nd4j.ones(arrived.shape());
    double before = sum(layer, ones);
    weights.putScalar(0, weights.getDouble(0) + 1.0);
    double after = sum(layer, ones);
    weights.putScalar(0, weights.getDouble(0) - 1.0);
    return Math.round((after - before) / arrived.size(0)) * arrived.size(0);
  }

  private static double sum(Layer layer, INDArray in) {
    layer.setInput(in.dup(), LayerWorkspaceMgr.noWorkspaces());
    return layer.activate(false, LayerWorkspaceMgr.noWorkspaces()).sumNumber().doubleValue();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldBeWhatRunningCounts(Case given) {
    check(given, Map.of());
  }

  /**
   * Runs a network and compares.
   *
   * @param stated counts of weights in layers that are not linear
   */
  static void check(Case given, Map<String, Long> stated) {
    MultiLayerNetwork network = given.network();
    Map<String, Long> expected = new HashMap<>();
    INDArray in = example(given.input());
    List<INDArray> activations = network.feedForward(in.dup(), false);
    for (int i = 0; i < network.getnLayers(); i++) {
      INDArray arrived = activations.get(i);
      InputPreProcessor preProcessor = network.getLayerWiseConfigurations().getInputPreProcess(i);
      if (preProcessor != null) {
        arrived = preProcessor.preProcess(arrived, 1, LayerWorkspaceMgr.noWorkspaces());
      }
      if (!stated.keySet().toString().contains("layer" + i + ".")) {
        expected.putAll(counted("layer" + i, network.getLayer(i), arrived));
      }
    }
    expected.putAll(stated);
    assertThat(expected).isNotEmpty();
    assertThat(Positions.of(network, given.input())).isEqualTo(expected);
  }

  @Test
  void shouldBeTheSameForTheSameComputation() {
    InputType sequence = InputType.recurrent(4, STEPS);
    List<Long> counts =
        Stream.of(
                given("", sequence, layers(dense(5), ofEachStep())),
                given("", sequence, layers(new TimeDistributed(dense(5)), ofEachStep())),
                given(
                    "",
                    sequence,
                    layers(new Convolution1DLayer.Builder(1).nOut(5).build(), ofEachStep())))
            .map(c -> Positions.of(c.network(), sequence).get("layer0.W"))
            .toList();
    assertThat(counts).containsOnly((long) STEPS);
  }

  static ComputationGraph graph(
      ComputationGraphConfiguration.GraphBuilder builder, InputType... inputs) {
    ComputationGraph graph = new ComputationGraph(builder.setInputTypes(inputs).build());
    graph.init();
    return graph;
  }

  static ComputationGraphConfiguration.GraphBuilder ofVertices() {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .activation(Activation.IDENTITY)
        .graphBuilder();
  }

  @Test
  void shouldFollowTheVerticesOfAGraph() {
    InputType sequence = InputType.recurrent(4, STEPS);
    ComputationGraph graph =
        graph(
            ofVertices()
                .addInputs("a", "b")
                .addLayer("steps", dense(5), "a")
                .addLayer("lstm", lstm(), "steps")
                .addVertex("last", new LastTimeStepVertex("a"), "lstm")
                .addLayer("once", dense(6), "last")
                .addVertex("again", new DuplicateToTimeSeriesVertex("b"), "once")
                .addLayer("second", lstm(), "again")
                .addVertex(
                    "flat", new PreprocessorVertex(new RnnToFeedForwardPreProcessor()), "second")
                .addLayer("folded", dense(3), "flat")
                .addLayer("ofB", lstm(), "b")
                .addLayer("outOfB", ofEachStep(), "ofB")
                .addLayer("out", ofEachStep(), "second")
                .setOutputs("out", "folded2", "outOfB")
                .addLayer("folded2", output(), "folded"),
            sequence,
            InputType.recurrent(2, 3));
    INDArray[] inputs = {Nd4j.ones(1, 4, STEPS), Nd4j.ones(1, 2, 3)};
    checkGraph(graph, inputs, sequence, InputType.recurrent(2, 3));
  }

  @Test
  void shouldCountStackedExamplesOnceEach() {
    ComputationGraph graph =
        graph(
            ofVertices()
                .addInputs("a", "b")
                .addVertex("both", new StackVertex(), "a", "b")
                .addLayer("shared", dense(5), "both")
                .addVertex("first", new UnstackVertex(0, 2), "shared")
                .addLayer("out", output(), "first")
                .setOutputs("out"),
            InputType.feedForward(4),
            InputType.feedForward(4));
    assertThat(Positions.of(graph, InputType.feedForward(4), InputType.feedForward(4)))
        .containsEntry("shared.W", 2L)
        .containsEntry("out.W", 1L);
    checkGraph(
        graph,
        new INDArray[] {Nd4j.ones(1, 4), Nd4j.ones(1, 4)},
        InputType.feedForward(4),
        InputType.feedForward(4));
  }

  static void checkGraph(ComputationGraph graph, INDArray[] inputs, InputType... types) {
    Map<String, INDArray> activations = graph.feedForward(inputs, false);
    Map<String, Long> expected = new HashMap<>();
    graph
        .getConfiguration()
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex own && graph.getLayer(name).numParams() > 0) {
                String source = graph.getConfiguration().getVertexInputs().get(name).get(0);
                int input = graph.getConfiguration().getNetworkInputs().indexOf(source);
                INDArray arrived = input >= 0 ? inputs[input] : activations.get(source);
                if (own.getPreProcessor() != null) {
                  arrived =
                      own.getPreProcessor()
                          .preProcess(arrived, 1, LayerWorkspaceMgr.noWorkspaces());
                }
                expected.putAll(counted(name, graph.getLayer(name), arrived));
              }
            });
    assertThat(Positions.of(graph, types)).isEqualTo(expected);
  }
}
