package io.github.dl4jpruning.runtime;

/** Changes the steps of sequences: the last step, the reverse order, or a repeated item. */
final class Steps extends Operation {

  static final int LAST = 0;
  static final int REVERSE = 1;

  /** Number: the number of steps. */
  static final int REPEAT = 2;

  /** Repeats an item for as many steps as the second input has. */
  static final int REPEAT_LIKE = 3;

  /** The last step that a mask does not skip; the second input determines the mask. */
  static final int LAST_NOT_SKIPPED = 4;

  private static final String[] NAMES = {
    "last step",
    "steps in reverse",
    "repetition in steps",
    "repetition in steps",
    "last step that is not masked"
  };
  private static final int MOST = 1 << 20;

  private final int kind;
  private final int count;
  private final Masking masking;

  Steps(int kind, int count, Masking masking) {
    if (kind < LAST || kind > LAST_NOT_SKIPPED) {
      throw new ModelException(
          "expected a code from 0 to 4 for an operation on time steps, but found " + kind);
    }
    if (kind == REPEAT && (count < 1 || count > MOST)) {
      throw mismatch(NAMES[kind], "1 to " + MOST + " steps", count);
    }
    this.kind = kind;
    this.count = count;
    this.masking = masking;
  }

  @Override
  Shape shape(Shape[] in) {
    switch (kind) {
      case LAST_NOT_SKIPPED:
        requireVectors(NAMES[kind], in[0], in[0].channels);
        requireVectors(NAMES[kind], in[1], in[1].channels);
        if (in[1].items != in[0].items) {
          throw mismatch(NAMES[kind], in[0].items + " steps", in[1].items);
        }
        return in[0].withItems(1);
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
    return kind != REVERSE && kind != REPEAT && kind != LAST_NOT_SKIPPED;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    Shape from = in[0].shape;
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < out.shape.items; i++) {
          int source = source(i);
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

      private int source(int item) {
        switch (kind) {
          case LAST:
            return from.items - 1;
          case REVERSE:
            return from.items - 1 - item;
          case LAST_NOT_SKIPPED:
            int step = from.items - 1;
            int read = in[1].shape.channels;
            while (step > 0 && masking.skips(in[1].flat, step * read, read)) {
              step--;
            }
            return step;
          default:
            return 0;
        }
      }
    };
  }

  @Override
  String title() {
    return NAMES[kind];
  }
}
