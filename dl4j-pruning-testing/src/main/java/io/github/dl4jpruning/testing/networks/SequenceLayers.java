package io.github.dl4jpruning.testing.networks;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.nd4j.linalg.activations.Activation;

/** Layers that take sequences, and layers that turn a sequence into one vector. */
@SuppressWarnings("deprecation") // DL4J still has these layers
final class SequenceLayers {

  private final Draws draws;

  SequenceLayers(Draws draws) {
    this.draws = draws;
  }

  private Layer recurrent() {
    return switch (draws.nextInt(4)) {
      case 0 -> new LSTM.Builder().nOut(draws.width()).activation(Activation.TANH).build();
      case 1 ->
          new GravesLSTM.Builder()
              .nOut(draws.width())
              .activation(draws.sometimes() ? Activation.SIGMOID : Activation.TANH)
              .build();
      case 2 ->
          new SimpleRnn.Builder()
              .nOut(draws.width())
              .hasLayerNorm(draws.sometimes())
              .activation(Activation.TANH)
              .build();
      default -> new LSTM.Builder().nOut(draws.width()).activation(Activation.SOFTSIGN).build();
    };
  }

  Layer next() {
    return switch (draws.nextInt(13)) {
      case 0, 1 -> new Bidirectional(draws.oneOf(Bidirectional.Mode.values()), recurrent());
      case 2 -> new GravesBidirectionalLSTM.Builder().nOut(draws.width()).build();
      case 3 ->
          new Convolution1DLayer.Builder(2)
              .convolutionMode(draws.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Causal)
              .nOut(draws.width())
              .activation(draws.activation())
              .build();
      case 4 ->
          new Subsampling1DLayer.Builder(SubsamplingLayer.PoolingType.MAX, 2, 1)
              .convolutionMode(ConvolutionMode.Same)
              .build();
      case 5 ->
          new TimeDistributed(
              new DenseLayer.Builder().nOut(draws.width()).activation(Activation.TANH).build());
      case 6 -> new MaskZeroLayer(recurrent(), 0.0);
      case 7 -> new DenseLayer.Builder().nOut(draws.width()).activation(draws.activation()).build();
      case 8 ->
          new SelfAttentionLayer.Builder().nOut(4).nHeads(2).headSize(2).projectInput(true).build();
      default -> recurrent();
    };
  }

  Layer reduction() {
    return draws.nextBoolean()
        ? new GlobalPoolingLayer(draws.pooling())
        : new LastTimeStep(recurrent());
  }
}
