package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;

/**
 * Which sets of weights may go: any single ones, or only some shapes.
 *
 * <p>A pattern makes units of weights, says which of them may go, and turns a mask over units back
 * into one over weights. What a row or a channel is comes from the {@link KernelLayout}, so it is
 * the same in a dense layer, a convolution and an LSTM.
 */
public sealed interface SparsityPattern
    permits UnstructuredPattern, NOfMPattern, BlockPattern, ChannelPattern, CoupledChannelPattern {

  /**
   * Makes units of the weights of a tensor.
   *
   * @param tensor the tensor with its scores
   * @return its units, their scores, and which of them may go
   * @throws IllegalArgumentException if the pattern needs something that this tensor does not have
   */
  ScoredTensor units(TensorScores tensor);

  /**
   * Makes unit scores of other scores of the same tensor.
   *
   * @param layout what the flat index means
   * @param scores a score by flat index
   * @return a score by unit
   */
  double[] unitScores(KernelLayout layout, double[] scores);

  /**
   * Which of the units that are kept may go.
   *
   * @param layout what the flat index means
   * @param unitScores a score by unit
   * @param prior which units are kept
   * @return those that may go: all of them, unless the pattern protects some
   */
  default Mask candidates(KernelLayout layout, double[] unitScores, Mask prior) {
    return prior;
  }

  /**
   * Turns a mask over units into one over weights.
   *
   * @param layout what the flat index means
   * @param units which units are kept
   * @return which weights are kept, by flat index
   */
  Mask weights(KernelLayout layout, Mask units);

  /** Whether it needs {@link TensorScores#outputScales}. */
  default boolean needsOutputScales() {
    return false;
  }

  /** Whether its units reach over several tensors, which have to be masked together. */
  default boolean coupled() {
    return false;
  }

  /**
   * Any weight may go on its own.
   *
   * @return the pattern
   */
  static SparsityPattern unstructured() {
    return UnstructuredPattern.INSTANCE;
  }

  /**
   * N:M, said so that it cannot be misread: {@code keep(2).of(4)} leaves at least two of every four
   * weights that follow each other along the input axis, and exactly two once the sparsity is one
   * half.
   *
   * @param weights how many stay in each group, at least 1
   * @return what {@link Keep#of} makes the pattern of
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
   * @throws IllegalArgumentException if one is below 1
   */
  static SparsityPattern block(int rows, int columns) {
    return block(rows, columns, BlockPattern.Score.MEAN);
  }

  /**
   * Blocks of weights.
   *
   * @param rows output channels per block, at least 1
   * @param columns input channels per block, at least 1
   * @param score what the score of a block is made of
   * @return the pattern
   * @throws IllegalArgumentException if one is below 1
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
   * Whole channels with everything that belongs to them, over all layers, so that they can be taken
   * out of the network for good. Scored by the L1 norm of the weights that make them, divided by
   * the mean of their layer. A sparsity counts channels then.
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
   * @param normalised whether scores are divided by the mean of those of their layer
   * @return the pattern
   */
  static SparsityPattern coupledChannels(ChannelPattern.Score score, boolean normalised) {
    return new CoupledChannelPattern(score, normalised);
  }

  /**
   * The first half of {@code keep(n).of(m)}.
   *
   * @param weights how many stay in each group
   */
  record Keep(int weights) {
    /**
     * The second half.
     *
     * @param group weights in a group, more than stay
     * @return the pattern
     * @throws IllegalArgumentException unless 1 ≤ weights &lt; group
     */
    public SparsityPattern of(int group) {
      return new NOfMPattern(weights, group);
    }
  }
}
