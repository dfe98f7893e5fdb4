package io.github.dl4jpruning.score;

import java.util.Arrays;

/** The score of a weight is |w|. */
enum Magnitude implements ImportanceCriterion {
  INSTANCE;

  @Override
  public double[] score(WeightTensor tensor) {
    double[] weights = tensor.weights();
    Arrays.parallelSetAll(weights, i -> Math.abs(weights[i]));
    return weights;
  }

  @Override
  public String toString() {
    return "magnitude";
  }
}
