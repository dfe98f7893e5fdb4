package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.DeclaresWeights;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Networks;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SDVertexParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers and vertices that are not DL4J's own, and vertices with parameters. */
@SuppressWarnings("serial") // DL4J's layers are serialisable; nobody serialises these
public class CustomLayersTest {

  /** A dense layer on SameDiff. */
  public static class SameDiffDense extends SameDiffLayer {
    @Override
    public SDVariable defineLayer(
        SameDiff sd, SDVariable input, Map<String, SDVariable> parameters, SDVariable mask) {
      return sd.math().tanh(input.mmul(parameters.get("V")).add(parameters.get("c")));
    }

    @Override
    public void defineParameters(SDLayerParams params) {
      params.addWeightParam("V", 6, 5);
      params.addBiasParam("c", 1, 5);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> params) {
      params.get("V").assign(Nd4j.randn(6, 5));
      params.get("c").assign(0.1);
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
      return InputType.feedForward(5);
    }
  }

  /** The same, saying what its axes mean. */
  public static class DeclaredDense extends SameDiffDense implements DeclaresWeights {
    @Override
    public Map<String, String> weightAxes() {
      return Map.of("V", "io");
    }
  }

  /** The same, with a mistake. */
  public static class WronglyDeclared extends SameDiffDense implements DeclaresWeights {
    @Override
    public Map<String, String> weightAxes() {
      return Map.of("V", "iop");
    }
  }

  /** A layer of a type that is not known, which says that its vector is a weight. */
  public static class DeclaredScale extends ElementWiseMultiplicationLayer
      implements DeclaresWeights {
    DeclaredScale(Builder builder) {
      super(builder);
    }

    @Override
    public Map<String, String> weightAxes() {
      return Map.of("W", "pc");
    }
  }

  /** A bilinear form of two inputs. */
  public static class Bilinear extends SameDiffVertex {
    @Override
    public GraphVertex clone() {
      return new Bilinear();
    }

    @Override
    public SDVariable defineVertex(
        SameDiff sd,
        Map<String, SDVariable> inputs,
        Map<String, SDVariable> parameters,
        Map<String, SDVariable> masks) {
      return inputs.get("a").mmul(parameters.get("A")).mul(inputs.get("b"));
    }

    @Override
    public void defineParametersAndInputs(SDVertexParams params) {
      params.defineInputs("a", "b");
      params.addWeightParam("A", 5, 5);
    }

    @Override
    public void initializeParameters(Map<String, INDArray> params) {
      params.get("A").assign(Nd4j.randn(5, 5));
    }

    @Override
    public org.nd4j.common.primitives.Pair<INDArray, org.deeplearning4j.nn.api.MaskState>
        feedForwardMaskArrays(
            INDArray[] maskArrays,
            org.deeplearning4j.nn.api.MaskState currentMaskState,
            int minibatchSize) {
      return null;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
      return vertexInputs[0];
    }
  }

  private static MultiLayerNetwork with(Layer custom, int in, int out) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(in).build())
                .layer(custom)
                .layer(output(out))
                .build());
    network.init();
    return network;
  }

  private static OutputLayer output(int in) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .activation(Activation.SOFTMAX)
        .nIn(in)
        .nOut(3)
        .build();
  }

  private static DataSet batch() {
    return new DataSet(Nd4j.randn(3, 4), Nd4j.eye(3));
  }

  private static List<String> names(Model network) {
    return SparsityReport.of(network).tensors().stream().map(t -> t.name()).toList();
  }

  private static PruningListener half(SparsityPattern pattern) {
    return PruningListener.builder()
        .schedule(SparsitySchedules.oneShot(0.5, 1))
        .pattern(pattern)
        .build();
  }

  private static void trainAndCheck(Model network, PruningListener pruning, DataSet batch) {
    pruning.attachTo(network);
    for (int t = 0; t < 5; t++) {
      Networks.fit(network, batch);
      SparsityReport report = SparsityReport.of(network);
      long zeros = report.weights() - report.nonZeros();
      assertThat(zeros).isEqualTo(Math.round(pruning.sparsity() * report.weights()));
    }
    assertThat(network.params().sumNumber().doubleValue()).isFinite();
  }

  @Test
  void theWeightsOfASameDiffLayerAreItsOwnList() {
    MultiLayerNetwork network = with(new SameDiffDense(), 6, 5);
    assertThat(names(network)).containsExactly("layer0.W", "layer1.V", "layer2.W");
    assertThat(SparsityReport.of(network).unknown()).isEmpty();

    PruningListener pruning = half(SparsityPattern.unstructured());
    trainAndCheck(network, pruning, batch());

    assertThat(pruning.sparsity()).isCloseTo(0.5, org.assertj.core.data.Offset.offset(0.01));
  }

  @Test
  void aDeclaredLayerTakesPartInPatterns() {
    MultiLayerNetwork network = with(new DeclaredDense(), 6, 5);
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.oneShot(0.5, 1))
            .pattern(SparsityPattern.keep(1).of(2))
            .parameters(ParameterFilter.weights().onlyLayers("layer1"))
            .build();
    pruning.attachTo(network);
    network.fit(batch());
    network.fit(batch());

    INDArray weights = network.getLayer(1).getParam("V");
    for (int o = 0; o < 5; o++) {
      for (int i = 0; i < 6; i += 2) {
        int kept =
            (weights.getDouble(i, o) != 0.0 ? 1 : 0) + (weights.getDouble(i + 1, o) != 0.0 ? 1 : 0);
        assertThat(kept).isEqualTo(1);
      }
    }
  }

  @Test
  void aDeclarationThatDoesNotFitIsRefusedByName() {
    MultiLayerNetwork network = with(new WronglyDeclared(), 6, 5);
    assertThatThrownBy(() -> half(SparsityPattern.unstructured()).attachTo(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer1.V of a WronglyDeclared")
        .hasMessageContaining("axes iop");
    assertThat(network.getListeners()).isEmpty();
  }

  @Test
  void anUnknownLayerThatDeclaresItsWeightsIsPruned() {
    ElementWiseMultiplicationLayer.Builder builder =
        new ElementWiseMultiplicationLayer.Builder().nIn(6).nOut(6);
    assertThat(SparsityReport.of(with(builder.build(), 6, 6)).unknown())
        .containsExactlyInAnyOrder("layer1.W", "layer1.b");

    MultiLayerNetwork network = with(new DeclaredScale(builder), 6, 6);
    assertThat(names(network)).containsExactly("layer0.W", "layer1.W", "layer2.W");
    assertThat(SparsityReport.of(network).unknown()).isEmpty();
    trainAndCheck(network, half(SparsityPattern.unstructured()), batch());
  }

  @Test
  void verticesWithParametersOfTheirOwn() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(4)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .addLayer("left", new DenseLayer.Builder().nIn(4).nOut(5).build(), "in")
                .addLayer("right", new DenseLayer.Builder().nIn(4).nOut(5).build(), "in")
                .addVertex("bilinear", new Bilinear(), "left", "right")
                .addVertex(
                    "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "bilinear", "left")
                .addVertex("merge", new MergeVertex(), "sum", "right")
                .addLayer("out", output(10), "merge")
                .setOutputs("out")
                .build());
    graph.init();
    assertThat(names(graph)).containsExactlyInAnyOrder("left.W", "right.W", "bilinear.A", "out.W");

    PruningListener pruning = half(SparsityPattern.unstructured());
    trainAndCheck(graph, pruning, batch());
    assertThat(pruning.sparsity()).isCloseTo(0.5, org.assertj.core.data.Offset.offset(0.01));
  }

  @Test
  void attentionVerticesAndFrozenOnes() {
    AttentionVertex attention =
        new AttentionVertex.Builder()
            .nInKeys(4)
            .nInQueries(4)
            .nInValues(4)
            .nHeads(2)
            .headSize(3)
            .nOut(5)
            .projectInput(true)
            .weightInit(WeightInit.XAVIER)
            .build();
    for (boolean frozen : new boolean[] {false, true}) {
      ComputationGraph graph =
          new ComputationGraph(
              new NeuralNetConfiguration.Builder()
                  .seed(4)
                  .updater(new Adam(0.01))
                  .graphBuilder()
                  .addInputs("in")
                  .addVertex(
                      "attention",
                      frozen ? new FrozenVertex(attention.clone()) : attention.clone(),
                      "in",
                      "in",
                      "in")
                  .addLayer("pool", new GlobalPoolingLayer.Builder().build(), "attention")
                  .addLayer("out", output(5), "pool")
                  .setOutputs("out")
                  .setInputTypes(InputType.recurrent(4, 6))
                  .build());
      graph.init();
      SparsityReport report = SparsityReport.of(graph);
      assertThat(report.tensors().stream().map(t -> t.name()).toList())
          .containsExactlyInAnyOrder(
              "attention.Wq", "attention.Wk", "attention.Wv", "attention.Wo", "out.W");
      assertThat(report.tensors().get(0).layerType()).isEqualTo("AttentionVertex");

      trainAndCheck(
          graph, half(SparsityPattern.channel()), new DataSet(Nd4j.randn(3, 4, 6), Nd4j.eye(3)));
    }
  }

  @Test
  void aScaleIsLookedForBehindALayerWhateverComesNext() {
    MultiLayerNetwork network = Networks.Recipe.of(Networks.Kind.WRAPPED).build();
    PruningListener pruning =
        half(
            SparsityPattern.channel(
                io.github.dl4jpruning.mask.ChannelPattern.Axis.OUTPUT,
                io.github.dl4jpruning.mask.ChannelPattern.Score.BATCH_NORM));
    pruning.attachTo(network);
    assertThatThrownBy(
            () -> {
              for (int t = 0; t < 3; t++) {
                network.fit(Networks.Recipe.of(Networks.Kind.WRAPPED).batch(t));
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("layer0.W: expected a batch normalisation with one scale");
  }
}
