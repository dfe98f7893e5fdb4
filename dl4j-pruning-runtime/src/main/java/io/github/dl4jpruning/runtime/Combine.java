package io.github.dl4jpruning.runtime;

/** Combines several tensors into one, by element or by concatenating channels. */
final class Combine extends Operation {

  static final int ADD = 0;
  static final int SUBTRACT = 1;
  static final int PRODUCT = 2;
  static final int AVERAGE = 3;
  static final int MAX = 4;

  /** The channels of all inputs, one input after the other. */
  static final int CONCATENATE = 5;

  /** Numbers: the first channel, and the end channel (exclusive). */
  static final int CHANNELS = 6;

  private static final String[] NAMES = {
    "sum", "difference", "product", "average", "maximum", "concatenation", "channels"
  };

  private final int kind;
  private final int first;
  private final int end;
  private final Function activation;

  Combine(int kind, int first, int end, Function activation) {
    if (kind < ADD || kind > CHANNELS) {
      throw new ModelException("expected a combination code from 0 to 6, but found " + kind);
    }
    this.kind = kind;
    this.first = first;
    this.end = end;
    this.activation = activation;
  }

  @Override
  Shape shape(Shape[] in) {
    if (kind == CHANNELS) {
      if (first < 0 || end <= first || end > in[0].channels) {
        throw mismatch(title(), "channels within " + in[0].channels, first + " to " + end);
      }
      return in[0].withChannels(end - first);
    }
    int channels = 0;
    for (Shape other : in) {
      boolean alike = other.withChannels(1).isLike(in[0].withChannels(1));
      if (!alike || (kind != CONCATENATE && other.channels != in[0].channels)) {
        throw mismatch(title(), in[0], other);
      }
      channels = Math.addExact(channels, other.channels);
    }
    return kind == CONCATENATE ? in[0].withChannels(channels) : in[0];
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    return new Kernel() {
      @Override
      void run() {
        if (kind == CONCATENATE) {
          int to = 0;
          for (Value part : in) {
            copy(part, 0, out, to, part.shape.channels);
            to += part.shape.channels;
          }
        } else if (kind == CHANNELS) {
          copy(in[0], first, out, 0, end - first);
        } else {
          elements(in, out);
        }
        if (!activation.isIdentity()) {
          for (int i = 0; i < out.runs(); i++) {
            activation.apply(out.run(i), 0, out.run());
          }
        }
      }
    };
  }

  private static void copy(Value in, int from, Value out, int to, int channels) {
    for (int item = 0; item < out.shape.items; item++) {
      int source = item * in.shape.channels + from;
      int target = item * out.shape.channels + to;
      if (out.shape.planes) {
        for (int c = 0; c < channels; c++) {
          int positions = out.shape.positions();
          System.arraycopy(in.planes[source + c], 0, out.planes[target + c], 0, positions);
        }
      } else {
        System.arraycopy(in.flat, source, out.flat, target, channels);
      }
    }
  }

  private void elements(Value[] in, Value out) {
    for (int i = 0; i < out.runs(); i++) {
      float[] y = out.run(i);
      int length = out.run();
      System.arraycopy(in[0].run(i), 0, y, 0, length);
      for (int other = 1; other < in.length; other++) {
        element(in[other].run(i), y, length);
      }
      if (kind == AVERAGE) {
        for (int e = 0; e < length; e++) {
          y[e] /= in.length;
        }
      }
    }
  }

  private void element(float[] x, float[] y, int length) {
    switch (kind) {
      case SUBTRACT:
        for (int i = 0; i < length; i++) {
          y[i] -= x[i];
        }
        break;
      case PRODUCT:
        for (int i = 0; i < length; i++) {
          y[i] *= x[i];
        }
        break;
      case MAX:
        for (int i = 0; i < length; i++) {
          y[i] = Math.max(y[i], x[i]);
        }
        break;
      default:
        for (int i = 0; i < length; i++) {
          y[i] += x[i];
        }
    }
  }

  @Override
  String title() {
    return NAMES[kind] + (activation.isIdentity() ? "" : ", " + activation.title());
  }
}
