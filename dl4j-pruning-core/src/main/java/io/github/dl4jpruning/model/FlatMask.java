package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The masks of a network as one array of zeros and ones over a span of its parameter vector, of the
 * same type as the parameters. This is the only array that is kept in addition to the packed masks,
 * and its multiplication is the cost of pruning in an ordinary training step.
 */
final class FlatMask {

  private final long from;
  private final INDArray factors;

  /**
   * Creates a mask that keeps everything.
   *
   * @param type type of the vectors that will be masked
   * @param from index of the first element
   * @param length number of elements
   */
  FlatMask(DataType type, long from, long length) {
    this.from = from;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      this.factors = Nd4j.ones(type, length);
    }
  }

  /** Sets the factor of some entries of a tensor: 0 removes them, 1 keeps them. */
  void put(long offset, Mask entries, double factor) {
    FlatValues.toWrite(factors).put(offset - from, entries, factor);
  }

  /**
   * The masked part of a vector and the operation that masks it. It is reused while the network
   * keeps the vector, because creating the operation costs as much as running it.
   */
  final class Target {
    private final INDArray vector;
    private final INDArray part;
    private final MulOp multiplication;
    private final OpContext context;

    private Target(INDArray vector) {
      this.vector = vector;
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        this.part =
            vector
                .reshape(vector.length())
                .get(NDArrayIndex.interval(from, from + factors.length()));
        this.multiplication = new MulOp(part, factors, part);
        this.context = Nd4j.getExecutioner().buildContext();
        context.setInputArrays(part, factors);
        context.setOutputArrays(part);
      }
    }

    /** DL4J may hand out a new view of the same memory at each call. */
    private boolean isOf(INDArray other) {
      return vector == other
          || (vector.length() == other.length()
              && vector.dataType() == other.dataType()
              && vector.data().address() == other.data().address());
    }

    /**
     * Measures how far the removed elements are from zero, using only operations of the backend:
     * the sum of |x − x ⊙ mask|.
     *
     * @return 0 if they are all zero; NaN if one of them is NaN
     */
    double distanceFromMask() {
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        return part.sub(part.mul(factors)).norm1Number().doubleValue();
      }
    }

    /** Sets the removed elements to zero; all bits of the others stay the same. */
    void mask() {
      Nd4j.getExecutioner().exec(multiplication, context);
    }
  }

  /**
   * Returns the target for a vector: the known one if it is for the same memory, else a new one.
   */
  Target target(@Nullable Target known, INDArray vector) {
    return known != null && known.isOf(vector) ? known : new Target(vector);
  }
}
