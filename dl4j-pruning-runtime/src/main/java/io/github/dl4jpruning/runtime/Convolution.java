package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/**
 * A convolution: activation(W ∗ x + b), which visits only the non-zero weights of each output
 * channel. In a depthwise convolution, each output has weights for one input channel.
 *
 * <p>The inputs are first laid out with zeros around them and split by strides, so that each weight
 * multiplies one contiguous run of numbers. One row is copied for each place of the kernel that any
 * output uses; then each output adds up rows, four at a time. Large images are processed in pieces,
 * so that the rows stay in the cache.
 */
final class Convolution extends Operation {

  /** The elements of all rows of a piece: 256 kB, which fit into a level-2 cache. */
  private static final int PIECE = 1 << 16;

  /** The shortest piece; shorter loops are slow. */
  private static final int SHORTEST = 256;

  private final SparseMatrix weights;
  private final float[] bias;
  private final Window window;
  private final int inputs;
  private final Function activation;

  /**
   * Creates a layer.
   *
   * @param weights one row for each output; columns by input channel, then by place of the kernel
   * @param bias the bias of each output; empty for none
   */
  Convolution(SparseMatrix weights, float[] bias, Window window, Function activation) {
    this.weights = weights;
    this.bias = bias;
    this.window = window;
    this.activation = activation;
    if (weights.columns % window.places() != 0) {
      throw mismatch(
          "weights of a convolution", "a multiple of " + window.places(), weights.columns);
    }
    this.inputs = weights.columns / window.places();
    if (bias.length != 0 && bias.length != weights.rows) {
      throw mismatch("a bias", weights.rows + " values", bias.length);
    }
  }

  @Override
  Shape shape(Shape[] in) {
    requirePlanes(title(), in[0]);
    if (in[0].channels != inputs) {
      throw mismatch(title(), inputs + " channels", in[0].channels);
    }
    Shape out = window.shape(in[0], weights.rows);
    new Layout(window, in[0], out).requireFitting();
    return out;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    return new Run(new Layout(window, in[0].shape, out.shape), in[0], out, pool);
  }

  @Override
  boolean isStepwise() {
    return false;
  }

  @Override
  long nonZeros() {
    return weights.nonZeros();
  }

  @Override
  long weights() {
    return (long) weights.rows * weights.columns;
  }

  @Override
  long macs(Shape[] in, Shape out) {
    return (long) weights.nonZeros() * out.items * out.positions();
  }

  @Override
  String title() {
    return "convolution " + window + (activation.isIdentity() ? "" : ", " + activation.title());
  }

  private final class Run extends Kernel {
    private final Layout layout;
    private final Value in;
    private final Value out;
    private final float[][] laid;
    private final int[] rowPlanes;
    private final int[] rowOffsets;
    private final float[][] rows;
    private final int[] rowOf;
    private final float[] sum;
    private final int piece;

    Run(Layout layout, Value in, Value out, Pool pool) {
      this.layout = layout;
      this.in = in;
      this.out = out;
      int[] used = weights.usedColumns();
      this.laid = new float[layout.isPlain() ? 0 : inputs * layout.phases][0];
      this.rowPlanes = new int[used.length];
      this.rowOffsets = new int[used.length];
      int[] rowOfColumn = new int[weights.columns];
      for (int row = 0; row < used.length; row++) {
        int channel = used[row] / window.places();
        int place = used[row] % window.places();
        rowPlanes[row] = channel * layout.phases + layout.phase(place);
        rowOffsets[row] = layout.offset(place);
        rowOfColumn[used[row]] = row;
        if (!layout.isPlain() && laid[rowPlanes[row]].length == 0) {
          laid[rowPlanes[row]] = new float[layout.size];
        }
      }
      this.rowOf = new int[weights.indices.length];
      for (int k = 0; k < rowOf.length; k++) {
        rowOf[k] = rowOfColumn[weights.indices[k]];
      }
      int fitting = PIECE / Math.max(used.length, 1);
      this.piece = Math.min(layout.run, Math.max(SHORTEST, fitting));
      // Each row is copied, unless the whole plane is one piece and the row begins at its start.
      boolean whole = piece == layout.run && in.shape.items == 1;
      float[][] planes = layout.isPlain() ? in.planes : laid;
      this.rows = new float[used.length][];
      for (int row = 0; row < rows.length; row++) {
        boolean asItIs = whole && rowOffsets[row] == 0;
        rows[row] = asItIs ? planes[rowPlanes[row]] : pool.take(piece);
      }
      this.sum = pool.take(piece);
      // The next layer can reuse the rows: a kernel ends before the next one begins.
      for (int row = 0; row < rows.length; row++) {
        if (rows[row] != planes[rowPlanes[row]]) {
          pool.release(rows[row]);
        }
      }
      pool.release(sum);
    }

    @Override
    void run() {
      for (int item = 0; item < out.shape.items; item++) {
        float[][] planes = laid;
        int first = 0;
        if (layout.isPlain()) {
          planes = in.planes;
          first = item * inputs;
        } else {
          for (int i = 0; i < laid.length; i++) {
            if (laid[i].length > 0) {
              int channel = i / layout.phases;
              layout.lay(in.planes[item * inputs + channel], i % layout.phases, laid[i]);
            }
          }
        }
        for (int from = 0; from < layout.run; from += piece) {
          int length = Math.min(piece, layout.run - from);
          fill(planes, first, from, length);
          for (int o = 0; o < weights.rows; o++) {
            add(o, length);
            layout.pick(sum, from, length, out.planes[item * weights.rows + o]);
          }
        }
        if (!activation.isIdentity()) {
          for (int o = 0; o < weights.rows; o++) {
            activation.apply(out.planes[item * weights.rows + o], 0, out.shape.positions());
          }
        }
      }
    }

    private void fill(float[][] planes, int first, int from, int length) {
      for (int row = 0; row < rows.length; row++) {
        float[] plane = planes[first + rowPlanes[row]];
        if (rows[row] != plane) {
          System.arraycopy(plane, rowOffsets[row] + from, rows[row], 0, length);
        }
      }
    }

    private void add(int output, int length) {
      float[] values = weights.values;
      Arrays.fill(sum, 0, length, bias.length > 0 ? bias[output] : 0f);
      int k = weights.starts[output];
      int end = weights.starts[output + 1];
      for (; k + 3 < end; k += 4) {
        Loops.add4(
            rows[rowOf[k]],
            rows[rowOf[k + 1]],
            rows[rowOf[k + 2]],
            rows[rowOf[k + 3]],
            values[k],
            values[k + 1],
            values[k + 2],
            values[k + 3],
            sum,
            length);
      }
      if (k + 1 < end) {
        Loops.add2(rows[rowOf[k]], rows[rowOf[k + 1]], values[k], values[k + 1], sum, length);
        k += 2;
      }
      if (k < end) {
        Loops.add1(rows[rowOf[k]], values[k], sum, length);
      }
    }
  }
}
