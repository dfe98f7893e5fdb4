package io.github.dl4jpruning.activations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** While training, each weight's input has the mean square that a pass over all rows gives. */
class SquaredInputsTest {

  /** Remembers what it is shown, and removes nothing in particular. */
  private static final class Look implements ImportanceCriterion {
    private final Map<String, double[]> squares = new HashMap<>();

    @Override
    public double[] score(WeightTensor tensor) {
      squares.put(tensor.name(), tensor.squaredInputs());
      return tensor.squaredInputs();
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.SQUARED_INPUTS);
    }
  }

  private record Case(
      String name,
      InputType input,
      List<org.deeplearning4j.nn.conf.layers.Layer> layers,
      List<Integer> labels) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MSE).nOut(2).build();
  }

  private static RnnOutputLayer outputs(RNNFormat format) {
    return new RnnOutputLayer.Builder(LossFunction.MSE)
        .nOut(2)
        .activation(Activation.IDENTITY)
        .dataFormat(format)
        .build();
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    List<Integer> flat = List.of(4, 2);
    cases.add(
        new Case(
            "dense",
            InputType.feedForward(5),
            List.of(new DenseLayer.Builder().nOut(4).build(), output()),
            flat));
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType images = InputType.convolutional(9, 8, 3, format);
      for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
        ConvolutionLayer layer =
            new ConvolutionLayer.Builder()
                .nOut(4)
                .kernelSize(3, 2)
                .stride(2, 1)
                .dilation(1, 2)
                .convolutionMode(mode)
                .dataFormat(format)
                .build();
        cases.add(new Case(format + " " + mode, images, List.of(layer, output()), flat));
      }
    }
    for (RNNFormat format : RNNFormat.values()) {
      InputType steps = InputType.recurrent(3, 6, format);
      List<Integer> sequences = format == RNNFormat.NCW ? List.of(4, 2, 6) : List.of(4, 6, 2);
      if (format == RNNFormat.NCW) { // DL4J cannot train the other
        cases.add(
            new Case(
                "1-D " + format,
                steps,
                List.of(
                    new Convolution1DLayer.Builder()
                        .nOut(4)
                        .kernelSize(3)
                        .convolutionMode(ConvolutionMode.Same)
                        .rnnDataFormat(format)
                        .build(),
                    outputs(format)),
                sequences));
      }
      cases.add(
          new Case(
              "LSTM " + format,
              steps,
              List.of(new LSTM.Builder().nOut(4).dataFormat(format).build(), outputs(format)),
              sequences));
      cases.add(
          new Case(
              "SimpleRnn " + format,
              steps,
              List.of(new SimpleRnn.Builder().nOut(4).dataFormat(format).build(), outputs(format)),
              sequences));
    }
    cases.add(
        new Case(
            "last step",
            InputType.recurrent(3, 6),
            List.of(new LastTimeStep(new LSTM.Builder().nOut(4).build()), output()),
            flat));
    return cases.stream();
  }

  private static MultiLayerNetwork network(Case of, DataType type, WorkspaceMode workspaces) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(type)
            .updater(new Sgd(0.01))
            .activation(Activation.TANH)
            .trainingWorkspaceMode(workspaces)
            .list();
    of.layers().forEach(layer -> layers.layer(layer.clone()));
    MultiLayerNetwork network = new MultiLayerNetwork(layers.setInputType(of.input()).build());
    network.init();
    return network;
  }

  private static DataSet batch(Case of, DataType type) {
    long[] shape = of.input().getShape(true).clone();
    shape[0] = 4;
    return new DataSet(
        Nd4j.rand(type, shape).subi(0.3),
        Nd4j.rand(type, of.labels().stream().mapToLong(size -> size).toArray()));
  }

  /** The oracle: all rows of all layers, one after the other. */
  private static Map<String, double[]> expected(MultiLayerNetwork network, DataSet batch) {
    NetworkParameters parameters = NetworkParameters.of(network);
    network.setInput(batch.getFeatures());
    network.feedForward(false, false);
    Map<String, double[]> expected = new HashMap<>();
    for (PrunableParameter parameter : parameters.parameters()) {
      LinearLayer linear = LinearLayers.of(parameters, parameter.layer()).orElseThrow();
      if (!linear.has(parameter)) {
        continue;
      }
      Layer layer =
          LayerInputs.innermost(parameters.layer(parameter.layer()).orElseThrow()).orElseThrow();
      List<INDArray> pieces = new ArrayList<>();
      LayerInputs.forEach(layer, List.of(), pieces::add);
      INDArray rows = Nd4j.vstack(pieces.toArray(INDArray[]::new));
      double[] columns = rows.mul(rows).mean(0).toDoubleVector();
      expected.put(parameter.name(), linear.spread(parameter, columns));
    }
    return expected;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void shouldBeThoseOfTheRows(Case of) {
    for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT)) {
      for (WorkspaceMode workspaces : WorkspaceMode.values()) {
        for (boolean graph : new boolean[] {false, true}) {
          MultiLayerNetwork plain = network(of, type, workspaces);
          DataSet batch = batch(of, type);
          Map<String, double[]> expected = expected(plain, batch);
          Model network = plain;
          if (graph) {
            network = plain.toComputationGraph();
          }
          Look look = new Look();
          PruningListener.builder()
              .schedule(SparsitySchedules.constant(0.25))
              .criterion(look)
              .build()
              .attachTo(network);

          Networks.fit(network, batch);

          assertThat(look.squares).hasSameSizeAs(expected).isNotEmpty();
          expected.forEach(
              (name, values) -> {
                // A graph made of layers names them by number.
                String own = graph ? name.replace("layer", "") : name;
                assertThat(look.squares.get(own))
                    .as("%s %s %s", name, type, workspaces)
                    .containsExactly(values, within(type == DataType.DOUBLE ? 1e-12 : 1e-5));
              });
        }
      }
    }
  }

  /** The first batch counts alone, then every 20th has a tenth of the weight. */
  @Test
  void shouldBeAMeanOverBatches() {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION);
    MultiLayerNetwork network = recipe.build();
    NetworkParameters parameters = NetworkParameters.of(network);
    PrunableParameter first = parameters.parameters().get(1); // the bias is first in memory
    assertThat(first.name()).isEqualTo("conv.W");
    Look look = new Look();
    PruningListener.builder()
        .schedule(SparsitySchedules.oneShot(0.25, 41))
        .criterion(look)
        .build()
        .attachTo(network);
    double[] expected = null;
    for (int t = 0; t <= 41; t++) {
      if (t % 20 == 0) {
        network.setInput(recipe.batch(t).getFeatures());
        network.feedForward(false, false);
        double[] now = LayerInputs.meanSquares(network.getLayer(0), 18);
        for (int i = 0; expected != null && i < now.length; i++) {
          now[i] = 0.9 * expected[i] + 0.1 * now[i];
        }
        expected = now;
      }
      network.fit(recipe.batch(t));
    }
    double[] seen = look.squares.get("conv.W");
    double[] spread = LinearLayers.of(parameters, "conv").orElseThrow().spread(first, expected);
    assertThat(seen).containsExactly(spread, within(1e-6));
  }

  /** A listener that was only put in the list sees the first batch too. */
  @Test
  void shouldSeeTheFirstBatchWithoutBeingAttached() {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();
    Look look = new Look();
    network.setListeners(
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.25))
            .criterion(look)
            .build());
    network.fit(Recipe.of(Kind.CONVOLUTION).batch(0));
    assertThat(Arrays.stream(look.squares.get("conv.W")).allMatch(square -> square > 0)).isTrue();
  }

  @Test
  void shouldSayWhenNothingWasSeen() {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.25))
            .criterion(ImportanceCriterion.activation())
            .build();
    network.fit(Recipe.of(Kind.CONVOLUTION).batch(0));
    pruning.bindTo(network); // not in the list

    assertThatThrownBy(() -> pruning.beforeUpdate(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the listener has seen no backward pass");
  }

  /** Every kind of layer is pruned, or named before anything is changed. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldPruneOrNameEveryKindOfLayer(Kind kind) {
    Recipe recipe = Recipe.of(kind);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .criterion(ImportanceCriterion.activation())
            .build();
    if (kind == Kind.CONVOLUTION || kind == Kind.LSTM || kind == Kind.SIMPLE_RNN) {
      pruning.attachTo(network);
      network.fit(recipe.batch(0));
      assertThat(pruning.sparsity()).isCloseTo(0.5, within(0.01));
    } else {
      assertThatThrownBy(() -> pruning.attachTo(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("criterion activation: the inputs of ")
          .hasMessageContaining("leave it out by the parameter filter");
      assertThat(network.getListeners()).isEmpty();
    }
  }

  /** A graph with its own names. */
  @Test
  void shouldPruneGraphs() {
    ComputationGraph graph = Recipe.of(Kind.CONVOLUTION).build().toComputationGraph();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .criterion(ImportanceCriterion.activationPerOutput())
            .build();
    pruning.attachTo(graph);
    graph.fit(Recipe.of(Kind.CONVOLUTION).batch(0));
    assertThat(pruning.sparsity()).isCloseTo(0.5, within(0.01));
  }

  /** A listener that was detached begins afresh with another network, from its first batch on. */
  @Test
  void shouldSeeTheFirstBatchOfAnotherNetwork() {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION);
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .criterion(ImportanceCriterion.activation())
            .build();
    MultiLayerNetwork first = recipe.build();
    pruning.attachTo(first);
    first.fit(recipe.batch(0));
    pruning.detach();
    MultiLayerNetwork second = recipe.build();
    second.setListeners(pruning);
    second.fit(recipe.batch(0));
    assertThat(second.params()).isEqualTo(first.params());
  }

  /** Whole channels go with their biases, which read no inputs. */
  @Test
  void shouldPruneCoupledChannels() throws IOException {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.oneShot(0.5, 1))
            .pattern(SparsityPattern.coupledChannels())
            .criterion(ImportanceCriterion.activation())
            .build();
    pruning.attachTo(network);
    network.fit(recipe.batch(0));
    network.fit(recipe.batch(1));
    assertThat(pruning.sparsity()).isBetween(0.4, 0.6);
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    pruning.writeState(state);
    pruning.readState(new ByteArrayInputStream(state.toByteArray()));
    assertThat(pruning.sparsity()).isBetween(0.4, 0.6);
  }
}
