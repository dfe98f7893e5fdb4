package io.github.dl4jpruning.runtime;

/** Sequences with other steps: the last one, the reverse order, one item for each step. */
final class Steps extends Operation {

  static final int LAST = 0;
  static final int REVERSE = 1;

  /** Number: how many steps. */
  static final int REPEAT = 2;

  /** As many steps as the second input has. */
  static final int REPEAT_LIKE = 3;

  private static final String[] NAMES = {
    "last step", "steps in reverse", "repetition in steps", "repetition in steps"
  };
  private static final int MOST = 1 << 20;

  private final int kind;
  private final int count;

  Steps(int kind, int count) {
    if (kind < LAST || kind > REPEAT_LIKE) {
      throw new ModelException("expected a kind of 0 to 3 of steps, but found " + kind);
    }
    if (kind == REPEAT && (count < 1 || count > MOST)) {
      throw mismatch(NAMES[kind], "1 to " + MOST + " steps", count);
    }
    this.kind = kind;
    this.count = count;
  }

  @Override
  Shape shape(Shape[] in) {
    switch (kind) {
      case LAST:
        return in[0].withItems(1);
      case REVERSE:
        return in[0];
      case REPEAT:
        return in[0].withItems(Math.multiplyExact(count, in[0].items));
      default:
        return in[0].withItems(Math.multiplyExact(in[1].items, in[0].items));
    }
  }

  @Override
  boolean isStepwise() {
    return kind != REVERSE && kind != REPEAT;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    Shape from = in[0].shape;
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < out.shape.items; i++) {
          int source = kind == LAST ? from.items - 1 : kind == REVERSE ? from.items - 1 - i : 0;
          int channels = from.channels;
          if (from.planes) {
            for (int c = 0; c < channels; c++) {
              float[] x = in[0].planes[source * channels + c];
              System.arraycopy(x, 0, out.planes[i * channels + c], 0, from.positions());
            }
          } else {
            System.arraycopy(in[0].flat, source * channels, out.flat, i * channels, channels);
          }
        }
      }
    };
  }

  @Override
  String title() {
    return NAMES[kind];
  }
}
