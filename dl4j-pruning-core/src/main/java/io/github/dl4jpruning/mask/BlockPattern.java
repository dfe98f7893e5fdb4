package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Locale;

/**
 * Removes blocks of {@code rows} output channels by {@code columns} input channels, at one kernel
 * position (or gate). If the block size does not divide an axis, the last blocks are smaller.
 *
 * <p>Source: S. Narang et al., "Block-sparse recurrent neural networks", 2017 (arXiv 1711.02782).
 *
 * @param rows output channels per block, at least 1
 * @param columns input channels per block, at least 1
 * @param score how a block is scored
 */
public record BlockPattern(int rows, int columns, Score score) implements SparsityPattern {

  /** How the score of a block is computed from the scores of its weights. */
  public enum Score {
    /** Their mean. */
    MEAN,
    /** Their maximum. */
    MAX
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a side is below 1, or the score is null
   */
  public BlockPattern {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a block must be 1×1 or more, but is " + rows + "×" + columns);
    }
    if (score == null) {
      throw new IllegalArgumentException("the score of a block must be MEAN or MAX, but is null");
    }
  }

  @Override
  public ScoredTensor units(TensorScores tensor) {
    Grouping groups = Grouping.blocks(tensor.layout(), rows, columns);
    return groups.units(tensor, pooled(groups, tensor.scores()));
  }

  @Override
  public double[] unitScores(KernelLayout layout, double[] scores) {
    return pooled(Grouping.blocks(layout, rows, columns), scores);
  }

  private double[] pooled(Grouping groups, double[] scores) {
    return score == Score.MEAN ? groups.means(scores) : groups.maxima(scores);
  }

  @Override
  public Mask weights(KernelLayout layout, Mask units) {
    return Grouping.blocks(layout, rows, columns).weights(units);
  }

  @Override
  public String toString() {
    return "block(" + rows + ", " + columns + ", " + score.name().toLowerCase(Locale.ROOT) + ")";
  }
}
