package io.github.dl4jpruning.oneshot;

/** What decides which weights a {@link OneShotPruner} removes. */
public enum Ranking {
  /** An importance criterion, such as the magnitude. */
  CRITERION,

  /**
   * The weight and the inputs that it reads, w²·E[x²] of the layer's output energy.
   *
   * <p>Source: M. Sun et al., "A Simple and Effective Pruning Approach for Large Language Models"
   * (Wanda), 2023 (arXiv 2306.11695), with a common scale for all layers.
   */
  ACTIVATION,

  /** The same, compared within the weights of one output: each output loses the same part. */
  ACTIVATION_PER_OUTPUT,

  /**
   * How much the output of the layer changes although the other weights make up for it.
   *
   * <p>Source: E. Frantar and D. Alistarh, "Optimal Brain Compression", 2022 (arXiv 2208.11580).
   */
  RECONSTRUCTION
}
