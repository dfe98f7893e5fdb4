package io.github.dl4jpruning.model;

import static io.github.dl4jpruning.model.PositionsByRunningTest.STEPS;
import static io.github.dl4jpruning.model.PositionsByRunningTest.convolution;
import static io.github.dl4jpruning.model.PositionsByRunningTest.dense;
import static io.github.dl4jpruning.model.PositionsByRunningTest.given;
import static io.github.dl4jpruning.model.PositionsByRunningTest.layers;
import static io.github.dl4jpruning.model.PositionsByRunningTest.lstm;
import static io.github.dl4jpruning.model.PositionsByRunningTest.ofEachStep;
import static io.github.dl4jpruning.model.PositionsByRunningTest.output;
import static io.github.dl4jpruning.model.PositionsFixtures.IMAGE;
import static io.github.dl4jpruning.model.PositionsFixtures.SEQUENCE;
import static io.github.dl4jpruning.model.PositionsFixtures.pixelwise;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.model.PositionsByRunningTest.Case;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.preprocessors.KerasFlattenRnnPreprocessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;

/** The same count for the kinds of layer whose types DL4J gets wrong, or not at all. */
class PositionsOfEveryKindTest {

  /** A network, and counts of weights in layers that are not linear. */
  record Kind(Case network, Map<String, Long> stated) {
    @Override
    public String toString() {
      return network.name();
    }

    Kind stating(int layer, long count, String... keys) {
      Map<String, Long> all = new HashMap<>(stated);
      for (String key : keys) {
        all.put("layer" + layer + "." + key, count);
      }
      return new Kind(network, all);
    }
  }

  private static Kind kind(String name, InputType input, Layer... layers) {
    return new Kind(given(name, input, layers(layers)), Map.of());
  }

  private static Kind preprocessed(
      String name, int layer, InputPreProcessor preProcessor, Layer... layers) {
    return new Kind(
        given(name, SEQUENCE, layers(layers).inputPreProcessor(layer, preProcessor)), Map.of());
  }

  private static Layer along(int kernel) {
    return new Convolution1DLayer.Builder(kernel).nOut(5).build();
  }

  private static Layer voxelwise() {
    return new Convolution3D.Builder(1, 1, 1).nOut(2).build();
  }

  static List<Kind> sequences() {
    return List.of(
        kind(
            "convolutions along time",
            SEQUENCE,
            along(3),
            new Convolution1DLayer.Builder(2, 2).nOut(5).build(),
            new Upsampling1D.Builder(3).build(),
            along(1),
            new Subsampling1DLayer.Builder(2, 2).build(),
            ofEachStep()),
        kind(
            "padded, cropped and local along time",
            SEQUENCE,
            new ZeroPadding1DLayer(2),
            along(2),
            new Cropping1D(1),
            along(1),
            new LocallyConnected1D.Builder()
                .kernelSize(2)
                .nOut(3)
                .activation(Activation.IDENTITY)
                .build(),
            dense(5),
            lstm(),
            output()),
        kind(
            "repeated",
            SEQUENCE,
            new LastTimeStep(lstm()),
            dense(5),
            new RepeatVector.Builder<>(5).build(),
            lstm(),
            dense(5),
            ofEachStep()),
        kind(
            "pooled to one step",
            SEQUENCE,
            lstm(),
            dense(5),
            lstm(),
            new GlobalPoolingLayer.Builder().collapseDimensions(false).build(),
            lstm(),
            output()),
        kind(
                "indices",
                InputType.feedForward(STEPS),
                new EmbeddingSequenceLayer.Builder().nIn(9).nOut(4).build(),
                dense(5),
                lstm(),
                output())
            .stating(0, 0, "W"),
        kind("autoencoder", SEQUENCE, lstm(), new AutoEncoder.Builder().nOut(4).build(), output()),
        kind(
                "frozen",
                SEQUENCE,
                new FrozenLayer(new Convolution1DLayer.Builder(2).nOut(4).build()),
                new FrozenLayerWithBackprop(dense(5)),
                new MaskZeroLayer(lstm(), 0.0),
                new FrozenLayer(new TimeDistributed(dense(3))),
                new FrozenLayer(lstm()),
                output())
            .stating(2, STEPS - 1, "W", "RW")
            .stating(4, STEPS - 1, "W", "RW"),
        preprocessed(
            "flattened", 1, new KerasFlattenRnnPreprocessor(6, STEPS), lstm(), dense(5), output()),
        preprocessed(
            "permuted", 1, new PermutePreprocessor(2, 1), lstm(), lstm(), dense(5), output()));
  }

  static List<Kind> stated() {
    return List.of(
        kind(
                "self-attention",
                SEQUENCE,
                new SelfAttentionLayer.Builder().nOut(4).nHeads(2).projectInput(true).build(),
                dense(5),
                output())
            .stating(0, STEPS, "Wq", "Wk", "Wv", "Wo"),
        kind(
                "recurrent attention, which looks at all steps in each step but the first",
                SEQUENCE,
                new RecurrentAttentionLayer.Builder()
                    .nIn(4)
                    .nOut(4)
                    .nHeads(2)
                    .projectInput(true)
                    .build(),
                dense(5),
                output())
            .stating(0, STEPS, "W")
            .stating(0, STEPS - 1, "RW", "Wq", "Wo")
            .stating(0, (STEPS - 1) * STEPS, "Wk", "Wv"),
        kind(
                "capsules",
                InputType.convolutional(6, 6, 2),
                new PrimaryCapsules.Builder(4, 2).kernelSize(3, 3).stride(2, 2).build(),
                new CapsuleLayer.Builder(5, 3, 2).build(),
                new CapsuleStrengthLayer.Builder().build(),
                output())
            .stating(0, 4, "weight")
            .stating(1, 1, "weight"),
        kind(
                "variational autoencoder, whose decoder is for pretraining",
                SEQUENCE,
                lstm(),
                new VariationalAutoencoder.Builder()
                    .nOut(2)
                    .encoderLayerSizes(5, 4)
                    .decoderLayerSizes(5)
                    .build(),
                output())
            .stating(1, STEPS, "e0W", "e1W", "pZXMeanW")
            .stating(1, 0, "pZXLogStd2W", "d0W", "pXZW"),
        kind(
                "separable",
                IMAGE,
                new SeparableConvolution2D.Builder(3, 3).depthMultiplier(2).nOut(4).build(),
                dense(5),
                output())
            .stating(0, 4 * 6, "W", "pW"));
  }

  static List<Kind> images() {
    InputType volume = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 5, 9, 2);
    return List.of(
        kind(
            "padded, cropped, upsampled, local",
            IMAGE,
            new ZeroPaddingLayer(1, 2),
            convolution(3),
            new Cropping2D(1, 2),
            pixelwise(),
            new Upsampling2D.Builder(2).build(),
            pixelwise(),
            new LocallyConnected2D.Builder()
                .kernelSize(2, 2)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build(),
            pixelwise(),
            output()),
        kind(
            "space to depth",
            IMAGE,
            new SpaceToDepthLayer.Builder<>(2).build(),
            pixelwise(),
            output()),
        kind(
            "space to batch",
            IMAGE,
            new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(),
            pixelwise(),
            dense(5),
            output()),
        kind(
            "volumes",
            volume,
            new Convolution3D.Builder(2, 2, 2).stride(1, 1, 2).nOut(2).build(),
            voxelwise(),
            new Subsampling3DLayer.Builder()
                .kernelSize(1, 1, 2)
                .stride(1, 1, 2)
                .convolutionMode(ConvolutionMode.Truncate)
                .build(),
            voxelwise(),
            new Upsampling3D.Builder(2).build(),
            voxelwise(),
            new GlobalPoolingLayer(),
            output()),
        kind(
            "volumes up",
            volume,
            new Deconvolution3D.Builder().kernelSize(1, 2, 3).stride(1, 2, 1).nOut(2).build(),
            voxelwise(),
            new Cropping3D.Builder(1, 1, 1, 1, 1, 1).build(),
            new ZeroPadding3DLayer.Builder(0, 0, 1).build(),
            voxelwise(),
            new GlobalPoolingLayer(),
            output()));
  }

  @ParameterizedTest
  @MethodSource({"sequences", "stated", "images"})
  void shouldBeWhatRunningCounts(Kind kind) {
    PositionsByRunningTest.check(kind.network(), kind.stated());
  }

  @Test
  void shouldCountOneStepWhereNoLengthIsKnown() {
    for (Layer first :
        List.of(dense(5), new TimeDistributed(dense(5)), along(3), ofEachStep(), lstm())) {
      Case of =
          given(
              "",
              SEQUENCE,
              layers(first, lstm(), dense(5), along(3), new ZeroPadding1DLayer(4), ofEachStep()));
      assertThat(Positions.of(of.network()).values()).hasSizeGreaterThan(4).containsOnly(1L);
    }
  }

  @Test
  void shouldLeaveTheConfigurationAlone() {
    Case of =
        given(
            "",
            IMAGE,
            layers(new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(2).build(), output()));
    String before = of.network().getLayerWiseConfigurations().toJson();
    Positions.of(of.network(), InputType.convolutional(9, 9, 2));
    assertThat(of.network().getLayerWiseConfigurations().toJson()).isEqualTo(before);
  }
}
