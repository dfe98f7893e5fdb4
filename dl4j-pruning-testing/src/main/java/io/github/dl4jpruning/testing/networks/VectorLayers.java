package io.github.dl4jpruning.testing.networks;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers that take vectors, and the heads of all networks. */
final class VectorLayers {

  private static final int CLASSES = 3;

  private final Draws draws;

  VectorLayers(Draws draws) {
    this.draws = draws;
  }

  Layer next() {
    return switch (draws.nextInt(9)) {
      case 0 -> new BatchNormalization.Builder().lockGammaBeta(draws.sometimes()).build();
      case 1 ->
          new AutoEncoder.Builder().nOut(draws.width()).activation(Activation.SIGMOID).build();
      case 2 -> new ActivationLayer(draws.activation());
      case 3 -> new DropoutLayer(1.0);
      default ->
          new DenseLayer.Builder()
              .nOut(draws.width())
              .hasBias(!draws.sometimes())
              .hasLayerNorm(draws.sometimes())
              .activation(draws.activation())
              .build();
    };
  }

  List<Layer> head(boolean sequence) {
    if (sequence) {
      return List.of(
          new RnnOutputLayer.Builder(LossFunction.MCXENT)
              .nOut(CLASSES)
              .activation(Activation.SOFTMAX)
              .build());
    }
    return switch (draws.nextInt(4)) {
      case 0 ->
          List.of(
              new DenseLayer.Builder().nOut(CLASSES).activation(Activation.IDENTITY).build(),
              new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build());
      case 1 ->
          List.of(
              new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(CLASSES)
                  .activation(Activation.SOFTMAX)
                  .build());
      default ->
          List.of(
              new OutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(CLASSES)
                  .hasBias(draws.nextBoolean())
                  .activation(Activation.SOFTMAX)
                  .build());
    };
  }
}
