package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayoutTest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Layouts of rows, and the mask that a pattern gives for scores. */
final class PatternFixtures {

  private PatternFixtures() {}

  /** Rows of outputs in memory, as a dense layer has them. */
  static KernelLayout rows(int outputs, int inputs) {
    return KernelLayoutTest.layout("io", 'f', inputs, outputs);
  }

  static Mask prune(
      SparsityPattern pattern, KernelLayout layout, double[] scores, Mask prior, double removed) {
    ScoredTensor units =
        pattern.units(new TensorScores("t", layout, scores, prior, Optional.empty()));
    return pattern.weights(layout, LowestScores.remove(List.of(units), removed).get(0));
  }

  static Mask prune(
      SparsityPattern pattern, KernelLayout layout, double sparsity, double... scores) {
    double[] magnitudes = Arrays.stream(scores).map(Math::abs).toArray();
    Mask dense = Mask.dense(scores.length);
    ScoredTensor units =
        pattern.units(new TensorScores("t", layout, magnitudes, dense, Optional.empty()));
    double most = units.weights() - units.lastUnit();
    return prune(pattern, layout, magnitudes, dense, Math.min(sparsity * scores.length, most));
  }
}
