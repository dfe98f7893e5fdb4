package io.github.dl4jpruning.runtime;

/** Rearranges the same numbers: planes as one vector and back, steps as positions and back. */
final class Rearrange extends Operation {

  /** The planes of each item as one vector, channel by channel. */
  static final int FLATTEN = 0;

  /** The planes of each item as one vector, position by position. */
  static final int FLATTEN_CHANNELS_LAST = 1;

  /** The reverse of {@link #FLATTEN}. Numbers: channels, depth, height, width. */
  static final int UNFLATTEN = 2;

  static final int UNFLATTEN_CHANNELS_LAST = 3;

  /** The steps of a sequence of vectors as the width of planes. */
  static final int STEPS_TO_WIDTH = 4;

  static final int WIDTH_TO_STEPS = 5;

  private static final String[] NAMES = {
    "flatten", "flatten", "unflatten", "unflatten", "steps as positions", "positions as steps"
  };

  private final int kind;
  private final int[] numbers;

  Rearrange(int kind, int[] numbers) {
    if (kind < FLATTEN || kind > WIDTH_TO_STEPS) {
      throw new ModelException("expected an arrangement code from 0 to 5, but found " + kind);
    }
    int needed = kind == UNFLATTEN || kind == UNFLATTEN_CHANNELS_LAST ? 4 : 0;
    if (numbers.length != needed) {
      throw mismatch(NAMES[kind], needed + " numbers", numbers.length);
    }
    this.kind = kind;
    this.numbers = numbers;
  }

  @Override
  Shape shape(Shape[] in) {
    Shape from = in[0];
    switch (kind) {
      case FLATTEN:
      case FLATTEN_CHANNELS_LAST:
        requirePlanes(title(), from);
        return Shape.vectors(from.items, from.channels * from.positions());
      case UNFLATTEN:
      case UNFLATTEN_CHANNELS_LAST:
        Shape to = Shape.volumes(from.items, numbers[0], numbers[1], numbers[2], numbers[3]);
        requireVectors(title(), from, to.channels * to.positions());
        return to;
      case STEPS_TO_WIDTH:
        requireVectors(title(), from, from.channels);
        return Shape.volumes(1, from.channels, 1, 1, from.items);
      default:
        requirePlanes(title(), from);
        if (from.items != 1) {
          throw mismatch(title(), "one item", from.items);
        }
        return Shape.vectors(from.positions(), from.channels);
    }
  }

  @Override
  boolean isStepwise() {
    return kind < STEPS_TO_WIDTH;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    boolean toVector = in[0].shape.planes;
    Value planes = toVector ? in[0] : out;
    float[] flat = toVector ? out.flat : in[0].flat;
    boolean channelsLast = kind != FLATTEN && kind != UNFLATTEN;
    int channels = planes.shape.channels;
    int positions = planes.shape.positions();
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < planes.planes.length; i++) {
          int item = i / channels * channels * positions;
          int c = i % channels;
          int from = channelsLast ? item + c : item + c * positions;
          copy(planes.planes[i], flat, from, channelsLast ? channels : 1);
        }
      }

      private void copy(float[] plane, float[] vector, int from, int stride) {
        for (int p = 0, at = from; p < positions; p++, at += stride) {
          if (toVector) {
            vector[at] = plane[p];
          } else {
            plane[p] = vector[at];
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
