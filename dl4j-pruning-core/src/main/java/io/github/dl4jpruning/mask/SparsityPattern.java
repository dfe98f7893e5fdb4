package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;

/**
 * Decides which sets of weights may be removed: any single weights, or only certain shapes.
 *
 * <p>A pattern groups weights into units, decides which units may be removed, and turns a mask over
 * units back into a mask over weights. The {@link KernelLayout} defines rows and channels, so they
 * mean the same in a dense layer, a convolution and an LSTM.
 */
public sealed interface SparsityPattern
    permits UnstructuredPattern, NOfMPattern, BlockPattern, ChannelPattern, CoupledChannelPattern {

  /**
   * Groups the weights of a tensor into units.
   *
   * @param tensor the tensor with its scores
   * @return the units, their scores, and which of them may be removed
   * @throws IllegalArgumentException if the pattern needs something that this tensor does not have
   */
  ScoredTensor units(TensorScores tensor);

  /**
   * Computes unit scores from other scores of the same tensor.
   *
   * @param layout the meaning of the flat index
   * @param scores a score by flat index
   * @return a score by unit
   */
  double[] unitScores(KernelLayout layout, double[] scores);

  /**
   * Returns the kept units that may be removed.
   *
   * @param layout the meaning of the flat index
   * @param unitScores a score by unit
   * @param prior the kept units
   * @return all kept units, unless the pattern protects some
   */
  default Mask candidates(KernelLayout layout, double[] unitScores, Mask prior) {
    return prior;
  }

  /**
   * Turns a mask over units into a mask over weights.
   *
   * @param layout the meaning of the flat index
   * @param units the kept units
   * @return the kept weights, by flat index
   */
  Mask weights(KernelLayout layout, Mask units);

  /** Returns whether the pattern needs {@link TensorScores#outputScales}. */
  default boolean needsOutputScales() {
    return false;
  }

  /** Returns whether units span several tensors, which must be masked together. */
  default boolean coupled() {
    return false;
  }

  /**
   * Any single weight may be removed.
   *
   * @return the pattern
   */
  static SparsityPattern unstructured() {
    return UnstructuredPattern.INSTANCE;
  }

  /**
   * N:M sparsity, in a form that cannot be misread: {@code keep(2).of(4)} keeps at least two of
   * every four consecutive weights along the input axis, and exactly two once the sparsity is one
   * half.
   *
   * @param weights weights to keep in each group, at least 1
   * @return the first half; {@link Keep#of} completes the pattern
   */
  static Keep keep(int weights) {
    return new Keep(weights);
  }

  /**
   * Blocks of weights, scored by their mean.
   *
   * @param rows output channels per block, at least 1
   * @param columns input channels per block, at least 1
   * @return the pattern
   * @throws IllegalArgumentException if a side is below 1
   */
  static SparsityPattern block(int rows, int columns) {
    return block(rows, columns, BlockPattern.Score.MEAN);
  }

  /**
   * Blocks of weights.
   *
   * @param rows output channels per block, at least 1
   * @param columns input channels per block, at least 1
   * @param score how a block is scored
   * @return the pattern
   * @throws IllegalArgumentException if a side is below 1
   */
  static SparsityPattern block(int rows, int columns, BlockPattern.Score score) {
    return new BlockPattern(rows, columns, score);
  }

  /**
   * Whole output channels (filters, neurons, recurrent units), scored by their L1 norm.
   *
   * @return the pattern
   */
  static SparsityPattern channel() {
    return channel(ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.L1);
  }

  /**
   * Whole channels.
   *
   * @param axis output or input channels
   * @param score how a channel is scored
   * @return the pattern
   * @throws IllegalArgumentException if input channels are to be scored by batch normalisation
   */
  static SparsityPattern channel(ChannelPattern.Axis axis, ChannelPattern.Score score) {
    return new ChannelPattern(axis, score);
  }

  /**
   * Whole channels with everything that belongs to them, over all layers, so that they can be
   * shrunk out of the network. Scored by the L1 norm of the weights that produce them, divided by
   * the mean score of their layer. A sparsity then counts channels.
   *
   * @return the pattern
   */
  static SparsityPattern coupledChannels() {
    return coupledChannels(ChannelPattern.Score.L1, true);
  }

  /**
   * Whole channels with everything that belongs to them.
   *
   * @param score how a channel is scored
   * @param normalised whether scores are divided by the mean score of their layer
   * @return the pattern
   */
  static SparsityPattern coupledChannels(ChannelPattern.Score score, boolean normalised) {
    return new CoupledChannelPattern(score, normalised);
  }

  /**
   * The first half of {@code keep(n).of(m)}.
   *
   * @param weights weights to keep in each group
   */
  record Keep(int weights) {
    /**
     * Completes the pattern.
     *
     * @param group weights in a group, more than are kept
     * @return the pattern
     * @throws IllegalArgumentException unless 1 ≤ weights &lt; group
     */
    public SparsityPattern of(int group) {
      return new NOfMPattern(weights, group);
    }
  }
}
