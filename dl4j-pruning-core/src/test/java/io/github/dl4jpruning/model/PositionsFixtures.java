package io.github.dl4jpruning.model;

import static io.github.dl4jpruning.model.PositionsByRunningTest.STEPS;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;

/** Inputs and layers that the tests of positions share. */
final class PositionsFixtures {

  static final InputType SEQUENCE = InputType.recurrent(4, STEPS);
  static final InputType IMAGE = InputType.convolutional(6, 8, 2);

  private PositionsFixtures() {}

  static Layer pixelwise() {
    return new ConvolutionLayer.Builder(1, 1).nOut(3).build();
  }
}
