package io.github.dl4jpruning.runtime;

/**
 * Normalisation over all channels of one position (softmax, layer normalisation, local response
 * normalisation), and the division by the Euclidean norm of a whole item.
 */
final class Normalise extends Operation {

  static final int SOFTMAX = 0;

  /** Gains in the first tensor, biases in the second one (or none); the activation follows. */
  static final int LAYER = 1;

  /** Numbers: k, n, α, β. */
  static final int RESPONSE = 2;

  /** Number: ε. */
  static final int UNIT = 3;

  /** Softmax along the width of planes, as in DL4J for images with channels first. */
  static final int SOFTMAX_OF_WIDTH = 4;

  /** Softmax along the steps of a sequence, as in DL4J for sequences with channels first. */
  static final int SOFTMAX_OF_STEPS = 5;

  /** Number: ε. One norm for a whole sequence. */
  static final int UNIT_OF_SEQUENCE = 6;

  private static final String[] NAMES = {
    "softmax",
    "layer normalisation",
    "local response normalisation",
    "division by the norm",
    "softmax along the width",
    "softmax along the steps",
    "division by the norm of the sequence"
  };

  private final int kind;
  private final float[] numbers;
  private final float[] gains;
  private final float[] biases;
  private final Function activation;

  Normalise(int kind, float[] numbers, float[] gains, float[] biases, Function activation) {
    if (kind < SOFTMAX || kind > UNIT_OF_SEQUENCE) {
      throw new ModelException("expected a normalisation code from 0 to 6, but found " + kind);
    }
    int needed = kind == RESPONSE ? 4 : kind == UNIT || kind == UNIT_OF_SEQUENCE ? 1 : 0;
    if (numbers.length < needed) {
      throw mismatch(NAMES[kind], needed + " numbers", numbers.length);
    }
    this.kind = kind;
    this.numbers = numbers;
    this.gains = gains;
    this.biases = biases;
    this.activation = activation;
  }

  @Override
  Shape shape(Shape[] in) {
    boolean fits = gains.length == in[0].channels;
    boolean shifted = biases.length == 0 || biases.length == in[0].channels;
    if (kind == LAYER && !(fits && shifted)) {
      throw mismatch(title(), gains.length + " channels", in[0].channels);
    }
    if (kind == LAYER || kind == SOFTMAX_OF_STEPS || kind == UNIT_OF_SEQUENCE) {
      requireVectors(title(), in[0], in[0].channels);
    } else if (kind == SOFTMAX_OF_WIDTH) {
      requirePlanes(title(), in[0]);
    }
    return in[0];
  }

  @Override
  boolean isStepwise() {
    return kind != SOFTMAX_OF_STEPS && kind != UNIT_OF_SEQUENCE;
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    int channels = out.shape.channels;
    float[] column = pool.take(Math.max(channels, Math.max(out.shape.width, out.shape.items)));
    float[] squares = pool.take(channels);
    pool.release(column);
    pool.release(squares);
    return new Kernel() {
      @Override
      void run() {
        if (kind == UNIT) {
          for (int item = 0; item < out.shape.items; item++) {
            unit(in[0], out, item, channels);
          }
        } else if (kind == UNIT_OF_SEQUENCE) {
          unit(in[0], out, 0, channels * out.shape.items);
        } else if (kind == SOFTMAX_OF_WIDTH) {
          for (int i = 0; i < out.planes.length; i++) {
            for (int row = 0; row < out.shape.positions(); row += out.shape.width) {
              softmax(in[0].planes[i], out.planes[i], row, 1, out.shape.width);
            }
          }
        } else if (kind == SOFTMAX_OF_STEPS) {
          for (int c = 0; c < channels; c++) {
            softmax(in[0].flat, out.flat, c, channels, out.shape.items);
          }
        } else if (!out.shape.planes) {
          for (int item = 0; item < out.shape.items; item++) {
            System.arraycopy(in[0].flat, item * channels, column, 0, channels);
            one(column, squares, channels);
            System.arraycopy(column, 0, out.flat, item * channels, channels);
          }
        } else {
          for (int item = 0; item < out.shape.items; item++) {
            planes(in[0].planes, out.planes, item * channels, channels);
          }
        }
      }

      private void softmax(float[] x, float[] y, int from, int stride, int count) {
        for (int i = 0, at = from; i < count; i++, at += stride) {
          column[i] = x[at];
        }
        Normalise.softmax(column, count);
        for (int i = 0, at = from; i < count; i++, at += stride) {
          y[at] = column[i];
        }
      }

      private void planes(float[][] x, float[][] y, int first, int count) {
        for (int p = 0; p < out.shape.positions(); p++) {
          for (int c = 0; c < count; c++) {
            column[c] = x[first + c][p];
          }
          one(column, squares, count);
          for (int c = 0; c < count; c++) {
            y[first + c][p] = column[c];
          }
        }
      }
    };
  }

  private void one(float[] x, float[] squares, int length) {
    switch (kind) {
      case SOFTMAX:
        softmax(x, length);
        break;
      case LAYER:
        layer(x, length);
        break;
      default:
        response(x, squares, length);
    }
  }

  private static void softmax(float[] x, int length) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      most = Math.max(most, x[i]);
    }
    float sum = 0f;
    for (int i = 0; i < length; i++) {
      x[i] = FastMath.exp(x[i] - most);
      sum += x[i];
    }
    for (int i = 0; i < length; i++) {
      x[i] /= sum;
    }
  }

  /** gain · (x − mean) / deviation + bias, with the population standard deviation. */
  private void layer(float[] x, int length) {
    double sum = 0.0;
    for (int i = 0; i < length; i++) {
      sum += x[i];
    }
    double mean = sum / length;
    double squares = 0.0;
    for (int i = 0; i < length; i++) {
      squares += (x[i] - mean) * (x[i] - mean);
    }
    double deviation = Math.sqrt(squares / length);
    for (int i = 0; i < length; i++) {
      float y = deviation == 0.0 ? 0f : (float) ((x[i] - mean) / deviation);
      x[i] = gains[i] * y + (biases.length > 0 ? biases[i] : 0f);
    }
    activation.apply(x, 0, length);
  }

  /** x / (k + α · Σ x²)^β, where the sum has n/2 channels on each side. */
  private void response(float[] x, float[] squares, int length) {
    for (int i = 0; i < length; i++) {
      squares[i] = x[i] * x[i];
    }
    int half = (int) numbers[1] / 2;
    for (int i = 0; i < length; i++) {
      float sum = 0f;
      for (int c = Math.max(0, i - half); c <= Math.min(length - 1, i + half); c++) {
        sum += squares[c];
      }
      x[i] /= (float) Math.pow(numbers[0] + numbers[2] * sum, numbers[3]);
    }
  }

  /** Divides an item by its norm: a vector of this length, or planes. */
  private void unit(Value in, Value out, int item, int vector) {
    int channels = out.shape.channels;
    int runs = out.shape.planes ? channels : 1;
    int length = out.shape.planes ? out.shape.positions() : vector;
    int from = out.shape.planes ? 0 : item * channels;
    double squares = 0.0;
    for (int r = 0; r < runs; r++) {
      float[] x = in.run(out.shape.planes ? item * channels + r : 0);
      for (int i = from; i < from + length; i++) {
        squares += (double) x[i] * x[i];
      }
    }
    float norm = Math.max((float) Math.sqrt(squares), numbers[0]);
    for (int r = 0; r < runs; r++) {
      int index = out.shape.planes ? item * channels + r : 0;
      float[] x = in.run(index);
      float[] y = out.run(index);
      for (int i = from; i < from + length; i++) {
        y[i] = x[i] / norm;
      }
    }
  }

  @Override
  long weights() {
    return (long) gains.length + biases.length;
  }

  @Override
  long nonZeros() {
    return weights();
  }

  @Override
  String title() {
    return NAMES[kind] + (activation.isIdentity() ? "" : ", " + activation.title());
  }
}
