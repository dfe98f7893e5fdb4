package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;

/** Every weight is a unit. See {@link SparsityPattern#unstructured()}. */
public enum UnstructuredPattern implements SparsityPattern {
  /** The only instance. */
  INSTANCE;

  @Override
  public ScoredTensor units(TensorScores tensor) {
    return new ScoredTensor(tensor.name(), tensor.scores(), tensor.prior());
  }

  @Override
  public double[] unitScores(KernelLayout layout, double[] scores) {
    return scores;
  }

  @Override
  public Mask weights(KernelLayout layout, Mask units) {
    return units;
  }

  @Override
  public String toString() {
    return "unstructured";
  }
}
