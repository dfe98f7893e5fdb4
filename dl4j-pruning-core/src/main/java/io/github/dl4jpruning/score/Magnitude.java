package io.github.dl4jpruning.score;

/** The score of a weight is |w|. */
enum Magnitude implements ImportanceCriterion {
  INSTANCE;

  @Override
  public void score(WeightTensor tensor, double[] scores) {
    double[] weights = tensor.weights();
    for (int i = 0; i < weights.length; i++) {
      scores[i] = Math.abs(weights[i]);
    }
  }

  @Override
  public String toString() {
    return "magnitude";
  }
}
