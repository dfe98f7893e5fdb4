package io.github.dl4jpruning.rounds;

/**
 * Distillation from the dense network while a pruned network is fine-tuned. The labels are mixed
 * with the teacher's output: the training target is (1 − a)·y + a·q with q = softmax(z/T), where z
 * are the teacher's logits. For a cross-entropy this is the mixed loss of the paper, except that
 * the student's temperature stays 1.
 *
 * <p>Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015
 * (arXiv 1503.02531).
 *
 * @param weight a, the weight of the teacher, in (0, 1]
 * @param temperature T, above 0; above 1 the teacher's output gets softer. Values other than 1
 *     require outputs that are probabilities along axis 1
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
