package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.export.onnx.InOnnx;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Each kind of layer of vectors, images and volumes, with its options, in its own network. */
@SuppressWarnings("deprecation") // DL4J still has these layers
class KindsTest {

  @RegisterExtension private static final InOnnx ONNX = new InOnnx();

  private static void check(String what, InputType type, INDArray batch, Layer... layers) {
    Kinds.check(ONNX, what, type, batch, layers);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void activations(Activation activation) {
    INDArray batch = Nd4j.linspace(-5, 5, 240).castTo(DataType.FLOAT).reshape(Kinds.EXAMPLES, 120);
    check(
        activation.name(),
        InputType.feedForward(120),
        batch,
        new BatchNormalization(), // an activation in the first layer changes its input
        new ActivationLayer(activation));
  }

  private static Stream<Arguments> windows() {
    List<Arguments> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      for (int kernel = 1; kernel < 4; kernel++) {
        for (int stride = 1; stride <= kernel; stride++) { // DL4J rejects longer strides
          for (int dilation = 1; dilation < 3; dilation++) {
            all.add(Arguments.of(format, kernel, stride, dilation));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("windows")
  void convolutionsOfImages(CNN2DFormat format, int kernel, int stride, int dilation) {
    boolean last = format == CNN2DFormat.NHWC;
    InputType type = InputType.convolutional(9, 8, 3, format);
    INDArray batch = last ? Nd4j.rand(Kinds.EXAMPLES, 9, 8, 3) : Nd4j.rand(Kinds.EXAMPLES, 3, 9, 8);
    int[] dilations = {dilation, dilation};
    for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      String what = mode.name();
      int padding = mode == ConvolutionMode.Same ? 0 : 1;
      check(
          what,
          type,
          batch,
          new ConvolutionLayer.Builder(kernel, 2)
              .stride(stride, 1)
              .dilation(dilations)
              .padding(padding, 0)
              .convolutionMode(mode)
              .dataFormat(format)
              .nOut(4)
              .build());
      if (dilation > 1) {
        continue;
      }
      check(
          what,
          type,
          batch,
          new DepthwiseConvolution2D.Builder(kernel, kernel)
              .stride(stride, stride)
              .convolutionMode(mode)
              .dataFormat(format)
              .depthMultiplier(2)
              .build());
      check(
          what,
          type,
          batch,
          new SeparableConvolution2D.Builder(kernel, kernel)
              .stride(stride, stride)
              .convolutionMode(mode)
              .dataFormat(format)
              .depthMultiplier(2)
              .nOut(3)
              .build());
      check(
          what,
          type,
          batch,
          new Deconvolution2D.Builder(kernel, kernel)
              .stride(stride, stride)
              .convolutionMode(mode)
              .dataFormat(format)
              .nOut(3)
              .build());
    }
  }

  private static Stream<Arguments> pools() {
    return Stream.of(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM)
        .flatMap(
            pool ->
                Stream.of(1, 2, 3)
                    .flatMap(size -> Stream.of(1, 2).map(s -> Arguments.of(pool, size, s))));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void pooling(PoolingType pool, int size, int stride) {
    for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      for (boolean zeros : new boolean[] {false, true}) {
        check(
            mode + " " + zeros,
            InputType.convolutional(7, 6, 2),
            Nd4j.rand(Kinds.EXAMPLES, 2, 7, 6),
            new ConvolutionLayer.Builder(1, 1).nOut(3).build(),
            new SubsamplingLayer.Builder(pool)
                .kernelSize(size, size)
                .stride(stride, stride)
                .padding(mode == ConvolutionMode.Same ? 0 : size / 2, 0)
                .convolutionMode(mode)
                .avgPoolIncludePadInDivisor(zeros)
                .pnorm(3)
                .build());
      }
    }
  }

  private static Stream<Layer> layersOnImages() {
    return Stream.of(
        new LocalResponseNormalization.Builder().k(1.5).n(3).alpha(0.1).beta(0.6).build(),
        new ZeroPaddingLayer(1, 2, 0, 3),
        new Cropping2D(1, 0, 2, 1),
        new Upsampling2D.Builder(2).build(),
        new Upsampling2D.Builder().size(new int[] {1, 3}).build(),
        new PReLULayer.Builder().inputShape(4, 5, 4).build(),
        new PReLULayer.Builder().inputShape(4, 5, 4).sharedAxes(2, 3).build(),
        new PReLULayer.Builder().inputShape(4, 5, 4).sharedAxes(1, 2, 3).build(),
        new BatchNormalization.Builder().lockGammaBeta(true).gamma(1.5).beta(-0.5).build(),
        new GlobalPoolingLayer(PoolingType.SUM),
        new GlobalPoolingLayer.Builder(PoolingType.PNORM).pnorm(3).build(),
        new CnnLossLayer.Builder().activation(Activation.SOFTMAX).build(),
        new DenseLayer.Builder().nOut(3).hasLayerNorm(true).build());
  }

  @ParameterizedTest
  @MethodSource("layersOnImages")
  void onImages(Layer layer) {
    check(
        layer.toString(),
        InputType.convolutional(6, 5, 2),
        Nd4j.rand(Kinds.EXAMPLES, 2, 6, 5),
        Kinds.image(),
        layer);
  }

  private static Stream<Layer> layersOnVolumes() {
    return Stream.of(
        new Convolution3D.Builder(2, 1, 3).stride(1, 2, 1).nOut(3).build(),
        new Deconvolution3D.Builder().kernelSize(2, 2, 2).stride(2, 1, 1).nOut(3).build(),
        new Subsampling3DLayer.Builder(Subsampling3DLayer.PoolingType.AVG)
            .kernelSize(2, 2, 2)
            .stride(2, 1, 2)
            .build(),
        new ZeroPadding3DLayer.Builder(1, 0, 2).build(),
        new Cropping3D.Builder(1, 0, 0, 1, 1, 1).build(),
        new Upsampling3D.Builder(2).build());
  }

  @ParameterizedTest
  @MethodSource("layersOnVolumes")
  void onVolumes(Layer layer) {
    check(
        layer.toString(),
        InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 5, 4, 2),
        Nd4j.rand(Kinds.EXAMPLES, 2, 4, 5, 4),
        new Convolution3D.Builder(1, 1, 1).nOut(2).build(),
        layer);
  }

  private static Layer keeping(PoolingType pool) {
    return new GlobalPoolingLayer.Builder(pool).collapseDimensions(false).build();
  }

  @Test
  void pooledDimensionsThatStay() {
    for (PoolingType pool : List.of(PoolingType.MAX, PoolingType.AVG, PoolingType.SUM)) {
      check(
          "images",
          InputType.convolutional(6, 5, 2),
          Nd4j.rand(Kinds.EXAMPLES, 2, 6, 5),
          Kinds.image(),
          keeping(pool),
          new ConvolutionLayer.Builder(1, 1).nOut(3).build());
      check(
          "volumes",
          InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 5, 4, 2),
          Nd4j.rand(Kinds.EXAMPLES, 2, 4, 5, 4),
          new Convolution3D.Builder(2, 1, 2).nOut(2).build(),
          keeping(pool),
          new Convolution3D.Builder(1, 1, 1).nOut(3).build());
      check(
          "sequences",
          InputType.recurrent(3, 7),
          Nd4j.rand(Kinds.EXAMPLES, 3, 7),
          new LSTM.Builder().nOut(3).build(),
          keeping(pool),
          new LSTM.Builder().nOut(2).build());
    }
  }

  @Test
  void poolingWithMorePaddingThanKernel() {
    check(
        "dilation 4",
        InputType.convolutional(9, 8, 2),
        Nd4j.rand(Kinds.EXAMPLES, 2, 9, 8).subi(2),
        new SubsamplingLayer.Builder(PoolingType.MAX)
            .kernelSize(3, 3)
            .stride(1, 1) // with a stride of 2, ND4J gives numbers that are in no window
            .dilation(4, 4)
            .convolutionMode(ConvolutionMode.Same)
            .build(),
        Kinds.image());
  }

  @Test
  void pooledDimensionsByNumber() {
    check(
        "from behind",
        InputType.convolutional(6, 5, 2),
        Nd4j.rand(Kinds.EXAMPLES, 2, 6, 5),
        Kinds.image(),
        new GlobalPoolingLayer.Builder(PoolingType.AVG).poolingDimensions(-1, -2).build());
    check(
        "channels last",
        InputType.convolutional(6, 5, 2, CNN2DFormat.NHWC),
        Nd4j.rand(Kinds.EXAMPLES, 6, 5, 2),
        new ConvolutionLayer.Builder(2, 2).dataFormat(CNN2DFormat.NHWC).nOut(4).build(),
        new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
    check(
        "steps, channels last",
        InputType.recurrent(3, 7, RNNFormat.NWC),
        Nd4j.rand(Kinds.EXAMPLES, 7, 3),
        new LSTM.Builder().dataFormat(RNNFormat.NWC).nOut(4).build(),
        new GlobalPoolingLayer.Builder(PoolingType.MAX).poolingDimensions(1).build());
    MultiLayerNetwork overChannels =
        Kinds.network(
            InputType.recurrent(3, 7, RNNFormat.NWC),
            new LSTM.Builder().dataFormat(RNNFormat.NWC).nOut(4).build(),
            new GlobalPoolingLayer.Builder(PoolingType.MAX).build());
    assertThatThrownBy(() -> InferencePlan.of(overChannels))
        .hasMessageContaining("layer1")
        .hasMessageContaining("pooling over the dimensions null of an array with channels last");
  }
}
