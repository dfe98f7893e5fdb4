package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.shrink.ShrinkReport;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Channels are masked with all that belongs to them, and then taken out. */
class CoupledChannelsTest {

  private static final int STEPS = 12;

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  private static NeuralNetConfiguration.Builder defaults() {
    return new NeuralNetConfiguration.Builder()
        .seed(11)
        .updater(new Adam(0.01))
        .activation(Activation.RELU)
        .convolutionMode(ConvolutionMode.Same);
  }

  private static MultiLayerNetwork perceptron() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            defaults()
                .list()
                .layer(new DenseLayer.Builder().nIn(5).nOut(8).name("first").build())
                .layer(new DenseLayer.Builder().nIn(8).nOut(6).name("second").build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(6)
                        .nOut(3)
                        .name("output")
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  private static ComputationGraph residual() {
    ComputationGraph graph =
        new ComputationGraph(
            defaults()
                .graphBuilder()
                .addInputs("in")
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "stem")
                .addLayer("norm1", new BatchNormalization(), "conv")
                .addLayer("back", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "norm1")
                .addLayer("norm2", new BatchNormalization(), "back")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "norm2")
                .addLayer("pool", new GlobalPoolingLayer(), "sum")
                .addLayer("out", output(), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(6, 6, 2))
                .build());
    graph.init();
    return graph;
  }

  private static DataSet vectors() {
    Nd4j.getRandom().setSeed(3);
    return new DataSet(Nd4j.rand(6, 5), Nd4j.eye(3).getRows(0, 1, 2, 0, 1, 2));
  }

  private static DataSet images() {
    Nd4j.getRandom().setSeed(3);
    return new DataSet(Nd4j.rand(6, 2, 6, 6), Nd4j.eye(3).getRows(0, 1, 2, 0, 1, 2));
  }

  private static PruningListener.Builder listener(SparsityPattern pattern) {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0.0, 0.5, 2, 8))
        .updateEvery(2)
        .pattern(pattern);
  }

  static Stream<Arguments> choices() {
    SparsityPattern plain = SparsityPattern.coupledChannels(ChannelPattern.Score.L2, false);
    return Stream.of(
        Arguments.of(listener(SparsityPattern.coupledChannels())),
        Arguments.of(listener(plain).distribution(SparsityDistribution.uniform())),
        Arguments.of(
            listener(SparsityPattern.coupledChannels()).criterion(ImportanceCriterion.taylor())),
        Arguments.of(listener(plain).rule(MaskRule.regrow())),
        Arguments.of(listener(plain).distribution(SparsityDistribution.lamp())),
        Arguments.of(
            listener(SparsityPattern.coupledChannels()).criterion(ImportanceCriterion.movement())));
  }

  @ParameterizedTest
  @MethodSource("choices")
  void shouldMaskWholeChannelsThatCanBeTakenOut(PruningListener.Builder choices) {
    MultiLayerNetwork network = perceptron();
    PruningListener pruning = choices.build();
    pruning.attachTo(network);
    DataSet data = vectors();
    for (int step = 0; step < STEPS; step++) {
      network.fit(data);
      int gone = 0;
      for (int unit = 0; unit < 8; unit++) {
        boolean made = any(network.getLayer(0).getParam("W").getColumn(unit));
        boolean read = any(network.getLayer(1).getParam("W").getRow(unit));
        assertThat(made).isEqualTo(read);
        if (!made) {
          assertThat(network.getLayer(0).getParam("b").getDouble(unit)).isZero();
          gone++;
        }
      }
      assertThat(gone).isLessThan(8);
    }

    // Half of 14 channels, whichever they are.
    assertThat(pruning.sparsity()).isCloseTo(0.5, within(1e-9));
    assertSameOutputs(network, data, 7);
  }

  private static boolean any(INDArray values) {
    return values.amaxNumber().doubleValue() != 0.0;
  }

  private static void assertSameOutputs(MultiLayerNetwork network, DataSet data, int removed) {
    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
        NetworkShrinker.builder().build().apply(network);
    assertThat(shrunk.report().removed()).isEqualTo(removed);
    INDArray expected = network.output(data.getFeatures());
    INDArray actual = shrunk.network().output(data.getFeatures());
    assertThat(expected.sub(actual).amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @Test
  void shouldMaskWhatAResidualSumTies() {
    ComputationGraph graph = residual();
    PruningListener pruning = listener(SparsityPattern.coupledChannels()).build();
    pruning.attachTo(graph);
    DataSet data = images();
    for (int step = 0; step < STEPS; step++) {
      graph.fit(data);
    }

    // 8 that the sum ties and 6 in between.
    assertThat(pruning.sparsity()).isCloseTo(0.5, within(1e-9));
    for (int channel = 0; channel < 8; channel++) {
      boolean stem = any(graph.getLayer("stem").getParam("W").get(NDArrayIndex.point(channel)));
      boolean back = any(graph.getLayer("back").getParam("W").get(NDArrayIndex.point(channel)));
      assertThat(stem).isEqualTo(back);
      assertThat(graph.getLayer("norm2").getParam("gamma").getDouble(channel) != 0.0)
          .isEqualTo(back);
    }
    NetworkShrinker.Shrunk<ComputationGraph> shrunk =
        NetworkShrinker.builder().build().apply(graph);
    int left =
        shrunk.report().layers().stream()
            .filter(layer -> !layer.layer().equals("back") && !layer.layer().equals("out"))
            .mapToInt(ShrinkReport.Width::after)
            .sum();
    assertThat(left).isEqualTo(7);
    INDArray expected = graph.outputSingle(data.getFeatures());
    INDArray actual = shrunk.network().outputSingle(data.getFeatures());
    assertThat(expected.sub(actual).amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @Test
  void shouldTakeTheSmallestScalesOfTheBatchNormalisation() {
    ComputationGraph graph = residual();
    graph.getLayer("norm1").getParam("gamma").assign(Nd4j.createFromArray(5f, 1f, 4f, 2f, 3f, 6f));
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.5))
            .pattern(SparsityPattern.coupledChannels(ChannelPattern.Score.BATCH_NORM, false))
            .parameters(ParameterFilter.layers("conv"))
            .build();
    pruning.attachTo(graph);
    graph.fit(images());

    INDArray gamma = graph.getLayer("norm1").getParam("gamma");
    for (int i = 0; i < 6; i++) {
      assertThat(gamma.getDouble(i) == 0.0).isEqualTo(i == 1 || i == 3 || i == 4);
    }
    assertThat(any(graph.getLayer("stem").getParam("W").get(NDArrayIndex.point(0)))).isTrue();
  }

  @Test
  void shouldResumeToTheBit(@TempDir Path folder) throws Exception {
    PruningListener pruning = listener(SparsityPattern.coupledChannels()).build();
    MultiLayerNetwork network = perceptron();
    pruning.attachTo(network);
    for (int step = 0; step < 5; step++) {
      network.fit(vectors());
    }
    Path zip = folder.resolve("network.zip");
    PruningCheckpoint.save(network, pruning, zip);
    PruningListener again = listener(SparsityPattern.coupledChannels()).build();
    MultiLayerNetwork loaded = (MultiLayerNetwork) PruningCheckpoint.load(zip, again).network();
    for (int step = 5; step < STEPS; step++) {
      network.fit(vectors());
      loaded.fit(vectors());
    }

    assertThat(loaded.params()).isEqualTo(network.params());
    assertThat(again.sparsity()).isEqualTo(pruning.sparsity());
  }

  @Test
  void shouldTakeOverWholeChannelsOfALoadedNetworkAndNothingElse() {
    MultiLayerNetwork network = perceptron();
    network.getLayer(0).getParam("W").getColumn(2).assign(0);
    network.getLayer(0).getParam("b").putScalar(2, 0.0);
    network.getLayer(1).getParam("W").getRow(2).assign(0);
    network.getLayer(1).getParam("W").getRow(3).assign(0); // but its own weights are there
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(1.0 / 14.0))
            .pattern(SparsityPattern.coupledChannels())
            .build();
    pruning.attachTo(network);
    pruning.adoptZeros();

    assertThat(pruning.sparsity()).isCloseTo(1.0 / 14.0, within(1e-9));
  }

  /** A floor is in weights elsewhere; what it counts here is said. */
  @Test
  void shouldSayThatFloorsCountChannels() {
    MultiLayerNetwork network = perceptron();
    listener(SparsityPattern.coupledChannels())
        .distribution(SparsityDistribution.global().neverFewerThan(1_000))
        .build()
        .attachTo(network);

    assertThatThrownBy(
            () -> {
              for (int step = 0; step < STEPS; step++) {
                network.fit(vectors());
              }
            })
        .hasMessageContaining("where a channel counts as one weight: cannot remove");
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    assertThatThrownBy(
            () ->
                listener(SparsityPattern.coupledChannels())
                    .parameters(ParameterFilter.layers("output"))
                    .build()
                    .attachTo(perceptron()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a layer whose channels can be removed, but found none");
    assertThatThrownBy(
            () ->
                listener(SparsityPattern.coupledChannels(ChannelPattern.Score.BATCH_NORM, true))
                    .build()
                    .attachTo(perceptron()))
        .hasMessageContaining("expected a batch normalisation with a scale after first");
    assertThatThrownBy(
            () ->
                listener(SparsityPattern.coupledChannels())
                    .rule(MaskRule.hardThresholding())
                    .build())
        .hasMessageContaining("monotone and regrow");
  }

  /** Half of its channels go through a batch normalisation: the others could not be scored. */
  @Test
  void shouldRefuseScalesOfAPartOfTheChannels() {
    ComputationGraph graph =
        new ComputationGraph(
            defaults()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(6).build(), "in")
                .addVertex("low", new SubsetVertex(0, 2), "conv")
                .addVertex("high", new SubsetVertex(3, 5), "conv")
                .addLayer("norm", new BatchNormalization.Builder().nIn(3).nOut(3).build(), "low")
                .addVertex("both", new MergeVertex(), "norm", "high")
                .addLayer("pool", new GlobalPoolingLayer(), "both")
                .addLayer(
                    "out", new OutputLayer.Builder(LossFunction.MSE).nIn(6).nOut(3).build(), "pool")
                .setOutputs("out")
                .build());
    graph.init();

    assertThatThrownBy(
            () ->
                listener(SparsityPattern.coupledChannels(ChannelPattern.Score.BATCH_NORM, true))
                    .build()
                    .attachTo(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a batch normalisation with a scale after conv");
    listener(SparsityPattern.coupledChannels()).build().attachTo(graph); // fits otherwise
  }

  @Test
  void shouldTakeOverADeadChannelWhereAllBiasesAreZero() {
    MultiLayerNetwork network = perceptron();
    for (int unit : new int[] {0, 3}) {
      network.getLayer(0).getParam("W").getColumn(unit).assign(0);
      network.getLayer(1).getParam("W").getRow(unit).assign(0);
    }
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.2))
            .pattern(SparsityPattern.coupledChannels())
            .build();
    pruning.attachTo(network);
    pruning.adoptZeros();

    assertThat(pruning.sparsity()).isCloseTo(2.0 / 14.0, within(1e-9));
  }

  @Test
  void shouldBeRefusedByAScanOfSingleLayers() {
    assertThatThrownBy(
            () -> SensitivityScan.builder().pattern(SparsityPattern.coupledChannels()).build())
        .hasMessageContaining("must not be coupledChannels");
  }
}
