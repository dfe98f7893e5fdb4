package io.github.dl4jpruning.rounds;

/**
 * The dense network as a teacher while a pruned one is trained again. The labels are mixed with the
 * teacher's answer: the network is trained towards (1 − a)·y + a·q with q = softmax(z/T), z being
 * what the teacher's softmax is made of. For a cross-entropy this is the mixed loss of the paper,
 * but for the student's own temperature, which stays 1.
 *
 * <p>Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015
 * (arXiv 1503.02531).
 *
 * @param weight a, how much the teacher counts, in (0, 1]
 * @param temperature T, above 0; above 1 the teacher's answer gets softer. Other than 1 it needs
 *     outputs that are probabilities along axis 1
 */
public record Distillation(double weight, double temperature) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one of them is out of range
   */
  public Distillation {
    if (!(weight > 0.0) || !(weight <= 1.0)) {
      throw new IllegalArgumentException(
          "the teacher's weight must be in (0, 1], but is " + weight);
    }
    if (!(temperature > 0.0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "the temperature must be a finite number above 0, but is " + temperature);
    }
  }
}
