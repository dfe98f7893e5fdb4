package io.github.dl4jpruning.runtime;

/** An activation: a scalar function with up to three parameters. */
final class Function {

  /** Kinds, by their codes in a file. */
  static final int IDENTITY = 0;

  /** Parameters: slope below the threshold, threshold, highest value. */
  static final int RELU = 1;

  static final int SIGMOID = 2;
  static final int TANH = 3;

  /** Parameter: α. */
  static final int ELU = 4;

  /** Parameters: λ, α. */
  static final int SELU = 5;

  static final int SOFTPLUS = 6;
  static final int SOFTSIGN = 7;
  static final int CUBE = 8;
  static final int HARD_SIGMOID = 9;
  static final int HARD_TANH = 10;
  static final int RATIONAL_TANH = 11;
  static final int RECTIFIED_TANH = 12;
  static final int SWISH = 13;
  static final int MISH = 14;

  /** x · σ(1.702 x). */
  static final int GELU = 15;

  /** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
  static final int PRECISE_GELU = 16;

  /** Parameter: θ; x above it, 0 elsewhere. */
  static final int THRESHOLDED_RELU = 17;

  /** Parameter: α; the maximum of x and α. */
  static final int RANDOM_RELU = 18;

  private static final double SQRT_2_BY_PI = 0.7978845608028654;

  private static final int LAST = RANDOM_RELU;

  private static final String[] NAMES = {
    "identity",
    "relu",
    "sigmoid",
    "tanh",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "cube",
    "hard sigmoid",
    "hard tanh",
    "rational tanh",
    "rectified tanh",
    "swish",
    "mish",
    "gelu",
    "precise gelu",
    "thresholded relu",
    "random relu"
  };

  /** The number of parameters of each kind, by its code. */
  private static final int[] PARAMETERS = {0, 3, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};

  static final Function NONE = new Function(IDENTITY, 0f, 0f, 0f);

  private final int kind;
  private final float a;
  private final float b;
  private final float c;

  Function(int kind, float a, float b, float c) {
    if (kind < 0 || kind > LAST) {
      throw new ModelException(
          "expected an activation code from 0 to " + LAST + ", but found " + kind);
    }
    this.kind = kind;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  /** Returns the number of parameters of a kind; an unknown kind has none. */
  static int parameters(int kind) {
    return kind < 0 || kind > LAST ? 0 : PARAMETERS[kind];
  }

  boolean isIdentity() {
    return kind == IDENTITY;
  }

  /** Returns whether many of its values are exactly zero. */
  boolean givesZeros() {
    return (kind == RELU && a == 0f) || kind == THRESHOLDED_RELU || kind == RECTIFIED_TANH;
  }

  String title() {
    return NAMES[kind];
  }

  /** Applies the function in place; the loops of the most common kinds are vectorised. */
  void apply(float[] x, int from, int to) {
    if (kind == TANH) {
      FastMath.tanh(x, from, to);
    } else if (isPlainRelu()) {
      for (int i = from; i < to; i++) {
        x[i] = Math.max(x[i], 0f);
      }
    } else {
      apply(x, from, x, from, to - from);
    }
  }

  /** Applies the function of a gate in place; the values need a precision of only 10⁻⁷. */
  void applyToGate(float[] x, int from, int to) {
    if (kind == SIGMOID) {
      FastMath.gate(x, from, to);
    } else {
      apply(x, from, to);
    }
  }

  private boolean isPlainRelu() {
    return kind == RELU && a == 0f && b == 0f && c == Float.POSITIVE_INFINITY;
  }

  /** Applies the function from one array to another; both may be the same array. */
  void apply(float[] x, int from, float[] y, int at, int length) {
    switch (kind) {
      case IDENTITY:
        if (x != y || from != at) {
          System.arraycopy(x, from, y, at, length);
        }
        break;
      case RELU:
        relu(x, from, y, at, length);
        break;
      case SIGMOID:
        for (int i = 0; i < length; i++) {
          y[at + i] = FastMath.sigmoid(x[from + i]);
        }
        break;
      case TANH:
        for (int i = 0; i < length; i++) {
          y[at + i] = FastMath.tanh(x[from + i]);
        }
        break;
      default:
        for (int i = 0; i < length; i++) {
          y[at + i] = other(x[from + i]);
        }
    }
  }

  private void relu(float[] x, int from, float[] y, int at, int length) {
    if (isPlainRelu()) {
      for (int i = 0; i < length; i++) {
        y[at + i] = Math.max(x[from + i], 0f);
      }
    } else {
      for (int i = 0; i < length; i++) {
        float v = x[from + i];
        y[at + i] = v < b ? a * (v - b) : Math.min(v, c);
      }
    }
  }

  private float other(float x) {
    switch (kind) {
      case ELU:
        return x < 0f ? a * expm1(x) : x;
      case SELU:
        return x > 0f ? a * x : a * b * expm1(x);
      case SOFTPLUS:
        return softplus(x);
      case SOFTSIGN:
        return x / (1f + Math.abs(x));
      case CUBE:
        return x * x * x;
      case HARD_SIGMOID:
        return clip(0.2f * x + 0.5f, 0f);
      case HARD_TANH:
        return clip(x, -1f);
      case RATIONAL_TANH:
        return rationalTanh(x);
      case RECTIFIED_TANH:
        return Math.max(FastMath.tanh(x), 0f);
      case SWISH:
        return x * FastMath.sigmoid(x);
      case MISH:
        return x * FastMath.tanh(softplus(x));
      case GELU:
        return x * FastMath.sigmoid(1.702f * x);
      case PRECISE_GELU:
        return 0.5f * x * (1f + FastMath.tanh((float) SQRT_2_BY_PI * (x + 0.044715f * x * x * x)));
      case RANDOM_RELU:
        return Math.max(x, a);
      default: // THRESHOLDED_RELU
        return x > a ? x : Float.isNaN(x) ? x : 0f;
    }
  }

  private static float clip(float x, float low) {
    return Math.min(Math.max(x, low), 1f);
  }

  private static float expm1(float x) {
    return (float) Math.expm1(x);
  }

  private static float softplus(float x) {
    return x > 0f ? (float) (x + Math.log1p(Math.exp(-x))) : (float) Math.log1p(Math.exp(x));
  }

  /** 1.7159 · tanh(2x / 3), with tanh by a rational function (C. Gosset, 2015, as in DL4J). */
  private static float rationalTanh(float x) {
    float y = Math.abs(2f * x / 3f);
    float t = 1f - 1f / (1f + y + y * y + 1.41645f * y * y * y * y);
    return 1.7159f * (x < 0f ? -t : t);
  }
}
