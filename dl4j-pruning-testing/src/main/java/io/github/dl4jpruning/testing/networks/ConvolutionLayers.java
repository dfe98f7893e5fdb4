package io.github.dl4jpruning.testing.networks;

import io.github.dl4jpruning.testing.networks.RandomNetworks.Family;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.nd4j.linalg.activations.Activation;

/** Layers that take images or volumes. */
final class ConvolutionLayers {

  private final Draws draws;
  private final Family family;
  private final boolean penalised;

  ConvolutionLayers(Draws draws, Family family, boolean penalised) {
    this.draws = draws;
    this.family = family;
    this.penalised = penalised;
  }

  Layer imageLayer() {
    boolean last = family == Family.IMAGES_CHANNELS_LAST;
    CNN2DFormat format = last ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    int kernel = 1 + draws.nextInt(3);
    int padding = draws.nextInt(2);
    boolean bias = !draws.sometimes();
    return switch (draws.nextInt(14)) {
      case 0, 1 ->
          new BatchNormalization.Builder()
              .dataFormat(format)
              .lockGammaBeta(draws.sometimes())
              .useLogStd(draws.nextBoolean())
              .build();
      case 2 ->
          // With channels last, DL4J's p-norm pooling gives something else each time.
          new SubsamplingLayer.Builder(last ? PoolingType.AVG : draws.pooling())
              .dataFormat(format)
              .kernelSize(2, 2)
              .stride(1, 1)
              .pnorm(2)
              .build();
      case 3 ->
          new SeparableConvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .depthMultiplier(1 + draws.nextInt(2))
              .nOut(draws.width())
              .hasBias(bias && !penalised)
              .activation(draws.activation())
              .build();
      case 4, 5 ->
          new DepthwiseConvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .depthMultiplier(1 + draws.nextInt(2))
              .hasBias(bias && !penalised)
              .activation(draws.activation())
              .build();
      case 6 ->
          new Deconvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .nOut(draws.width())
              .hasBias(bias)
              .activation(draws.activation())
              .build();
      case 7 -> last ? new ActivationLayer(draws.activation()) : new ZeroPaddingLayer(1, 1);
      case 8 -> last ? new DropoutLayer(1.0) : new Cropping2D(1, 0);
      case 9 -> last ? new ActivationLayer(Activation.TANH) : new Upsampling2D.Builder(2).build();
      case 10 -> last ? new ActivationLayer(draws.activation()) : new LocalResponseNormalization();
      default ->
          new ConvolutionLayer.Builder(kernel, kernel)
              .dataFormat(format)
              .padding(padding, padding)
              .nOut(draws.width())
              .hasBias(bias)
              .activation(draws.activation())
              .build();
    };
  }

  Layer volumeLayer() {
    return switch (draws.nextInt(3)) {
      case 0 ->
          new Subsampling3DLayer.Builder(Subsampling3DLayer.PoolingType.MAX)
              .kernelSize(2, 2, 2)
              .stride(1, 1, 1)
              .convolutionMode(ConvolutionMode.Same)
              .build();
      default ->
          new Convolution3D.Builder(2, 2, 2)
              .convolutionMode(ConvolutionMode.Same)
              .hasBias(!draws.sometimes())
              .nOut(draws.width())
              .activation(draws.activation())
              .build();
    };
  }
}
