package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.export.onnx.InOnnx;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Each kind of layer of sequences, with its options, in its own network. */
@SuppressWarnings("deprecation") // DL4J still has these layers
class KindsOfSequencesTest {

  @RegisterExtension private static final InOnnx ONNX = new InOnnx();

  private static void check(String what, InputType type, INDArray batch, Layer... layers) {
    Kinds.check(ONNX, what, type, batch, layers);
  }

  private static Stream<Layer> layersOnSequences() {
    return Stream.of(
        new LSTM.Builder().nOut(4).gateActivationFunction(Activation.HARDSIGMOID).build(),
        new GravesLSTM.Builder().nOut(4).build(),
        new SimpleRnn.Builder().nOut(4).build(),
        new GravesBidirectionalLSTM.Builder().nOut(4).build(),
        new Bidirectional(Bidirectional.Mode.AVERAGE, new LSTM.Builder().nOut(3).build()),
        new LastTimeStep(new Bidirectional(new SimpleRnn.Builder().nOut(3).build())),
        new GlobalPoolingLayer(PoolingType.AVG),
        new Convolution1DLayer.Builder(3).stride(2).nOut(4).build(),
        new Convolution1DLayer.Builder(2).convolutionMode(ConvolutionMode.Same).nOut(4).build(),
        new Convolution1DLayer.Builder(2)
            .convolutionMode(ConvolutionMode.Causal)
            .dilation(2)
            .nOut(4)
            .build(),
        new Subsampling1DLayer.Builder(SubsamplingLayer.PoolingType.MAX, 2, 2).build(),
        new ZeroPadding1DLayer(1, 2),
        new Cropping1D(1, 2),
        new Upsampling1D.Builder(2).build(),
        new RnnOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
  }

  @ParameterizedTest
  @MethodSource("layersOnSequences")
  void onSequences(Layer layer) {
    check(
        layer.toString(),
        InputType.recurrent(3, 7),
        Nd4j.rand(Kinds.EXAMPLES, 3, 7),
        new LSTM.Builder().nOut(3).build(),
        layer);
  }

  @Test
  void sequencesWithChannelsLast() {
    check(
        "NWC",
        InputType.recurrent(3, 6, RNNFormat.NWC),
        Nd4j.rand(Kinds.EXAMPLES, 6, 3),
        new LSTM.Builder().dataFormat(RNNFormat.NWC).nOut(4).build(),
        new RnnOutputLayer.Builder()
            .dataFormat(RNNFormat.NWC)
            .nOut(3)
            .activation(Activation.SOFTMAX)
            .build());
  }

  private static Stream<Layer> maskedLayers() {
    return Stream.of(
        new LSTM.Builder().nOut(4).build(),
        new GravesLSTM.Builder().nOut(4).build(),
        new SimpleRnn.Builder().nOut(4).build(),
        new GravesBidirectionalLSTM.Builder().nOut(4).build(),
        new Bidirectional(Bidirectional.Mode.CONCAT, new LSTM.Builder().nOut(3).build()),
        new LastTimeStep(new LSTM.Builder().nOut(3).build()),
        new LastTimeStep(new Bidirectional(new SimpleRnn.Builder().nOut(3).build())));
  }

  /** Makes steps in which all channels have the mask value: in front, in between, at the end. */
  private static INDArray withMaskedSteps(float masked) {
    INDArray batch = Nd4j.rand(4, 3, 7);
    int[][] steps = {{0, 1}, {2, 4}, {5, 6}, {}};
    for (int example = 0; example < steps.length; example++) {
      for (int step : steps[example]) {
        for (int c = 0; c < 3; c++) {
          batch.putScalar(example, c, step, masked);
        }
      }
      batch.putScalar(example, 1, 3, masked); // one channel is not enough
    }
    return batch;
  }

  @ParameterizedTest
  @MethodSource("maskedLayers")
  void maskedSteps(Layer layer) {
    for (float masked : new float[] {0f, -1.5f}) {
      INDArray batch = withMaskedSteps(masked);
      InputType type = InputType.recurrent(3, 7);
      String what = layer + " masked by " + masked;
      check(what, type, batch, new MaskZeroLayer(layer, masked));
      if (!(layer instanceof LastTimeStep)) {
        check(what, type, batch, new LastTimeStep(new MaskZeroLayer(layer, masked)));
      }
    }
  }

  /** DL4J takes the mask of the forward direction. */
  @Test
  void lastOfMaskedStepsInsideOfBothDirections() {
    // DL4J does not give the defaults of a network to a layer inside of two others.
    LSTM lstm =
        new LSTM.Builder()
            .nIn(3)
            .nOut(3)
            .weightInit(WeightInit.XAVIER)
            .activation(Activation.TANH)
            .updater(new Sgd(0.1))
            .build();
    Layer inner = new MaskZeroLayer(lstm, 0.0);
    check(
        "inside",
        InputType.recurrent(3, 7),
        withMaskedSteps(0f),
        new LastTimeStep(new Bidirectional(Bidirectional.Mode.CONCAT, inner)));
  }

  @Test
  void masksAndNormalisersExcludeEachOther() {
    MultiLayerNetwork network =
        Kinds.network(
            InputType.recurrent(3, 7), new MaskZeroLayer(new LSTM.Builder().nOut(2).build(), 0.0));
    NormalizerMinMaxScaler scaler = new NormalizerMinMaxScaler();
    scaler.fit(new DataSet(Nd4j.rand(4, 3, 7), Nd4j.rand(4, 2, 7)));
    ExportOptions options = ExportOptions.defaults().withNormalizer(scaler);
    assertThatThrownBy(() -> InferencePlan.of(network, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("normalise the data before the model");
  }

  @Test
  void theRandomCheckMasksSteps() throws IOException {
    MultiLayerNetwork network =
        Kinds.network(
            InputType.recurrent(3, 7), new MaskZeroLayer(new LSTM.Builder().nOut(2).build(), 2.5));
    InferencePlan plan = InferencePlan.of(network);
    InferencePlan unmasked =
        new InferencePlan(
            plan.inputs(),
            plan.steps().stream().map(KindsOfSequencesTest::withoutMask).toList(),
            plan.outputs());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    RuntimeExporter.write(unmasked, ExportOptions.defaults(), file);
    SparseModel wrong = SparseModel.load(new ByteArrayInputStream(file.toByteArray()));
    Comparison comparison = Comparison.inRuntime(network, plan, wrong, ExportOptions.defaults(), 0);
    assertThat(comparison.largestDifference()).isGreaterThan(0.01);
  }

  private static InferencePlan.Step withoutMask(InferencePlan.Step step) {
    Operation.Lstm l = (Operation.Lstm) step.operation();
    return new InferencePlan.Step(
        step.layer(),
        new Operation.Lstm(
            l.input(),
            l.recurrent(),
            l.bias(),
            l.peepholes(),
            l.activation(),
            l.gate(),
            Optional.empty()),
        step.inputs());
  }

  @Test
  void maskedStepsWithChannelsLast() {
    check(
        "NWC",
        InputType.recurrent(3, 7, RNNFormat.NWC),
        withMaskedSteps(0f).permute(0, 2, 1).dup(),
        new MaskZeroLayer(new LSTM.Builder().dataFormat(RNNFormat.NWC).nOut(4).build(), 0.0),
        new RnnOutputLayer.Builder().dataFormat(RNNFormat.NWC).nOut(3).build());
  }

  @Test
  void slopesOverSteps() {
    for (long[] shared : new long[][] {{2}, {1, 2}}) {
      check(
          "shared along " + Arrays.toString(shared),
          InputType.recurrent(3, 7),
          Nd4j.rand(Kinds.EXAMPLES, 3, 7).subi(0.5),
          new LSTM.Builder().nOut(3).build(),
          new PReLULayer.Builder().inputShape(3, 7).sharedAxes(shared).build());
    }
    MultiLayerNetwork own =
        Kinds.network(
            InputType.recurrent(3, 7),
            new LSTM.Builder().nOut(3).build(),
            new PReLULayer.Builder().inputShape(3, 7).build());
    assertThatThrownBy(() -> InferencePlan.of(own))
        .hasMessageContaining("layer1")
        .hasMessageContaining("shared along the axes []")
        .hasMessageContaining("so that each channel has one");
    MultiLayerNetwork some =
        Kinds.network(
            InputType.convolutional(6, 5, 2),
            Kinds.image(),
            new PReLULayer.Builder().inputShape(4, 5, 4).sharedAxes(2).build());
    ExportOptions type = ExportOptions.defaults().withInputTypes(InputType.convolutional(6, 5, 2));
    assertThatThrownBy(() -> InferencePlan.of(some, type))
        .hasMessageContaining("shared along the axes [2]")
        .hasMessageContaining("or share none");
  }

  /** DL4J takes the softmax along the last axis, which has one step here. */
  @Test
  void softmaxAlongOneStep() {
    check(
        "one step",
        InputType.recurrent(3, 7),
        Nd4j.rand(Kinds.EXAMPLES, 3, 7),
        new LSTM.Builder().nOut(3).build(),
        new GlobalPoolingLayer.Builder(PoolingType.MAX).collapseDimensions(false).build(),
        new ActivationLayer(Activation.SOFTMAX),
        new LSTM.Builder().nOut(2).build());
  }

  @Test
  void wordsOfSequences() {
    check(
        "words",
        InputType.recurrent(9, 5),
        Nd4j.createFromArray(new float[][] {{0, 3, 8, 3, 1}, {2, 2, 5, 0, 7}})
            .reshape(Kinds.EXAMPLES, 1, 5),
        new EmbeddingSequenceLayer.Builder().nIn(9).nOut(4).hasBias(true).build(),
        new LSTM.Builder().nOut(3).build());
  }

  @Test
  void repeatedVectors() {
    check(
        "repeat",
        InputType.feedForward(4),
        Nd4j.rand(Kinds.EXAMPLES, 4),
        new DenseLayer.Builder().nOut(3).build(),
        new RepeatVector.Builder<>(4).build(),
        new LSTM.Builder().nOut(3).build());
  }

  @Test
  void shouldNameWhatCannotBeExported() {
    for (Layer layer :
        List.of(
            new SelfAttentionLayer.Builder()
                .nHeads(1)
                .headSize(2)
                .nOut(2)
                .projectInput(true)
                .build(),
            new MaskZeroLayer(new RnnOutputLayer.Builder().nOut(2).build(), 0.0))) {
      MultiLayerNetwork network = Kinds.network(InputType.recurrent(3, 4), layer);
      assertThatThrownBy(() -> InferencePlan.of(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer0")
          .hasMessageContaining(layer.getClass().getSimpleName())
          .hasMessageContaining("Take it out");
    }
    MultiLayerNetwork blocks =
        Kinds.network(
            InputType.convolutional(4, 4, 2),
            new SpaceToDepthLayer.Builder<>(2).build(),
            Kinds.image());
    assertThatThrownBy(
            () ->
                InferencePlan.of(
                    blocks,
                    ExportOptions.defaults().withInputTypes(InputType.convolutional(4, 4, 2))))
        .hasMessageContaining("SpaceToDepthLayer");
  }
}
