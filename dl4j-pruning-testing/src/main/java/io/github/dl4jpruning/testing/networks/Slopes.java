package io.github.dl4jpruning.testing.networks;

import io.github.dl4jpruning.testing.networks.RandomNetworks.Family;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.weights.WeightInitConstant;

/** Layers with a slope for each element, or for each channel. */
final class Slopes {

  private Slopes() {}

  static Layer of(Draws draws, Family family, long... shape) {
    PReLULayer.Builder builder =
        new PReLULayer.Builder().weightInit(new WeightInitConstant(0.2)).inputShape(shape);
    return shape.length > 1 && family != Family.IMAGES_CHANNELS_LAST && draws.nextBoolean()
        ? builder.sharedAxes(2, 3).build()
        : builder.build();
  }
}
