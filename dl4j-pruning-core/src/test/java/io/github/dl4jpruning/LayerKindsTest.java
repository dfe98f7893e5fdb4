package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Networks;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Layer types of the table of kinds that no other test trains, with every pattern. (Not there:
 * DL4J's LearnedSelfAttentionLayer, whose forward pass fails in 1.0.0-M2.1; it stays dense.)
 */
class LayerKindsTest {

  /**
   * A network.
   *
   * @param weights keys of the first layer's weights
   */
  @SuppressWarnings("ArrayRecordComponent") // a row of a table of cases
  record Case(String name, List<String> weights, InputType input, INDArray batch, Layer... layers) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static INDArray noise(long... shape) {
    return Nd4j.randn(shape);
  }

  @SuppressWarnings("deprecation") // still to be met in the wild
  static List<Case> cases() {
    InputType sequence = InputType.recurrent(4, 6, RNNFormat.NCW);
    Layer pooled = new GlobalPoolingLayer();
    List<Case> cases = new ArrayList<>();
    cases.add(
        new Case(
            "locally connected 2D",
            List.of("W"),
            InputType.convolutional(5, 5, 2),
            noise(3, 2, 5, 5),
            new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(3).build()));
    cases.add(
        new Case(
            "locally connected 1D",
            List.of("W"),
            sequence,
            noise(3, 4, 6),
            new LocallyConnected1D.Builder().kernelSize(2).nOut(3).build(),
            pooled));
    cases.add(
        new Case(
            "convolution 1D",
            List.of("W"),
            sequence,
            noise(3, 4, 6),
            new Convolution1DLayer.Builder(3).nOut(5).build(),
            pooled));
    cases.add(
        new Case(
            "convolution 3D",
            List.of("W"),
            InputType.convolutional3D(4, 4, 4, 2),
            noise(3, 2, 4, 4, 4),
            new Convolution3D.Builder(2, 2, 2).nOut(3).build()));
    cases.add(
        new Case(
            "deconvolution 3D",
            List.of("W"),
            InputType.convolutional3D(3, 3, 3, 2),
            noise(3, 2, 3, 3, 3),
            new Deconvolution3D.Builder().kernelSize(2, 2, 2).nOut(3).build()));
    cases.add(
        new Case(
            "self-attention",
            List.of("Wq", "Wk", "Wv", "Wo"),
            sequence,
            noise(3, 4, 6),
            new SelfAttentionLayer.Builder().nOut(6).nHeads(2).projectInput(true).build(),
            pooled));
    cases.add(
        new Case(
            "recurrent attention",
            List.of("W", "RW", "Wq", "Wk", "Wv", "Wo"),
            sequence,
            noise(3, 4, 6),
            new RecurrentAttentionLayer.Builder()
                .nIn(4)
                .nOut(6)
                .nHeads(2)
                .projectInput(true)
                .build(),
            pooled));
    cases.add(
        new Case(
            "capsules",
            List.of("weight"),
            InputType.convolutional(6, 6, 2),
            noise(3, 2, 6, 6),
            new PrimaryCapsules.Builder(4, 2).kernelSize(3, 3).stride(2, 2).build(),
            new CapsuleLayer.Builder(5, 3, 1).build(),
            new CapsuleStrengthLayer.Builder().build()));
    cases.add(
        new Case(
            "GravesBidirectionalLSTM",
            List.of("WF", "RWF", "WB", "RWB"),
            sequence,
            noise(3, 4, 6),
            new GravesBidirectionalLSTM.Builder().nOut(5).build(),
            pooled));
    cases.add(
        new Case(
            "embedding",
            List.of("W"),
            null,
            Nd4j.createFromArray(new float[][] {{0}, {3}, {5}}),
            new EmbeddingLayer.Builder().nIn(8).nOut(6).build(),
            new DenseLayer.Builder().nIn(6).nOut(6).build()));
    cases.add(
        new Case(
            "autoencoder",
            List.of("W"),
            InputType.feedForward(8),
            noise(3, 8),
            new AutoEncoder.Builder().nOut(6).build()));
    cases.add(
        new Case(
            "variational autoencoder",
            List.of("e0W", "pZXMeanW"),
            InputType.feedForward(8),
            noise(3, 8),
            new VariationalAutoencoder.Builder()
                .nOut(4)
                .encoderLayerSizes(6)
                .decoderLayerSizes(6)
                .build()));
    return cases;
  }

  private static MultiLayerNetwork build(Case of, boolean centerLoss) {
    return build(of, centerLoss, new Adam(0.01));
  }

  private static MultiLayerNetwork build(Case of, boolean centerLoss, IUpdater updater) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .updater(updater)
            .activation(Activation.TANH)
            .list();
    for (Layer layer : of.layers()) {
      layers.layer(layer.clone());
    }
    Layer output =
        centerLoss
            ? new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(3)
                .build()
            : new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nIn(of.input() == null ? 6 : 0)
                .nOut(3)
                .build();
    layers.layer(output);
    if (of.input() != null) {
      layers.setInputType(of.input());
    }
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    return network;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyKindIsPrunedWithEveryPattern(Case of) {
    for (SparsityPattern pattern :
        List.of(
            SparsityPattern.unstructured(),
            SparsityPattern.keep(1).of(3),
            SparsityPattern.block(2, 2),
            SparsityPattern.channel(),
            SparsityPattern.channel(ChannelPattern.Axis.INPUT, ChannelPattern.Score.L1))) {
      MultiLayerNetwork network = build(of, of.name().equals("autoencoder"));
      SparsityReport before = SparsityReport.of(network);
      assertThat(before.unknown()).isEmpty();
      assertThat(before.tensors().stream().map(t -> t.name()).toList())
          .containsAll(
              of.weights().stream()
                  .filter(key -> network.getLayer(0).paramTable(false).containsKey(key))
                  .map(key -> "layer0." + key)
                  .toList())
          .contains("layer0." + of.weights().get(0));
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.oneShot(.4, 1))
              .pattern(pattern)
              .build();
      pruning.attachTo(network);
      for (int t = 0; t < 4; t++) {
        network.fit(of.batch(), Nd4j.eye(3).castTo(of.batch().dataType()));
      }
      double zeros = before.weights() * 1.0 - SparsityReport.of(network).nonZeros();
      assertThat(pruning.sparsity()).as("%s", pattern).isBetween(.25, .55);
      assertThat(zeros / before.weights()).isGreaterThanOrEqualTo(pruning.sparsity() - 1e-9);
      assertThat(network.params().sumNumber().doubleValue()).isFinite();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyKindReachesHalfExactlyInBothNetworkTypesWithEveryUpdater(Case of) {
    DataSet batch = new DataSet(of.batch(), Nd4j.eye(3).castTo(of.batch().dataType()));
    for (IUpdater updater : EveryIterationTest.updaters()) {
      for (boolean graph : new boolean[] {false, true}) {
        MultiLayerNetwork network = build(of, of.name().equals("autoencoder"), updater);
        Model model = graph ? network.toComputationGraph() : network;
        long weights = SparsityReport.of(model).weights();
        PruningListener pruning =
            PruningListener.builder().schedule(SparsitySchedules.oneShot(.5, 1)).build();
        pruning.attachTo(model);
        for (int t = 0; t < 4; t++) {
          Networks.fit(model, batch);
          SparsityReport report = SparsityReport.of(model);
          long due = t == 0 ? 0 : (long) Math.floor(.5 * weights + .5);
          long removed = Math.round(pruning.sparsity() * weights);
          assertThat(removed).isEqualTo(due);
          assertThat(weights - report.nonZeros()).isEqualTo(due);
        }
        assertThat(model.params().sumNumber().doubleValue()).isFinite();
      }
    }
  }
}
