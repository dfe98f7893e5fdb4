package io.github.dl4jpruning.export;

import java.util.List;

/**
 * An activation of a plan: a scalar function.
 *
 * @param kind the kind of function
 * @param parameters the parameters that the kind needs
 */
public record Activation(Kind kind, List<Float> parameters) {

  /** The functions. */
  public enum Kind {
    /** x. */
    IDENTITY(0, 0),
    /** Slope below the threshold, threshold, highest value. */
    RELU(1, 3),
    /** 1 / (1 + e^−x). */
    SIGMOID(2, 0),
    /** The hyperbolic tangent. */
    TANH(3, 0),
    /** α: x, or α·(e^x − 1) below zero. */
    ELU(4, 1),
    /** λ, α: λ·x, or λ·α·(e^x − 1) below zero. */
    SELU(5, 2),
    /** ln(1 + e^x). */
    SOFTPLUS(6, 0),
    /** x / (1 + |x|). */
    SOFTSIGN(7, 0),
    /** x³. */
    CUBE(8, 0),
    /** 0.2·x + 0.5, from 0 to 1. */
    HARD_SIGMOID(9, 0),
    /** x, from −1 to 1. */
    HARD_TANH(10, 0),
    /** 1.7159·tanh(2x/3), with tanh as a rational function. */
    RATIONAL_TANH(11, 0),
    /** tanh x, but 0 below zero. */
    RECTIFIED_TANH(12, 0),
    /** x·σ(x). */
    SWISH(13, 0),
    /** x·tanh(ln(1 + e^x)). */
    MISH(14, 0),
    /** x·σ(1.702·x). */
    GELU(15, 0),
    /** x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
    PRECISE_GELU(16, 0),
    /** θ: x above θ, 0 elsewhere. */
    THRESHOLDED_RELU(17, 1),
    /** α: the maximum of x and α, which is how DL4J computes RReLU at inference. */
    RANDOM_RELU(18, 1);

    private final int code;
    private final int parameters;

    Kind(int code, int parameters) {
      this.code = code;
      this.parameters = parameters;
    }

    /** Returns the code in a runtime file. */
    int code() {
      return code;
    }
  }

  /** The identity. */
  public static final Activation IDENTITY = new Activation(Kind.IDENTITY, List.of());

  /**
   * Checks the parameters.
   *
   * @throws IllegalArgumentException if the number of parameters is wrong
   */
  public Activation {
    parameters = List.copyOf(parameters);
    if (parameters.size() != kind.parameters) {
      throw new IllegalArgumentException(
          "expected " + kind.parameters + " parameters of " + kind + ", but found " + parameters);
    }
  }

  static Activation of(Kind kind, double... parameters) {
    return new Activation(
        kind, java.util.Arrays.stream(parameters).mapToObj(p -> (float) p).toList());
  }

  static Activation relu(double slope, double threshold, double most) {
    return of(Kind.RELU, slope, threshold, most);
  }

  /**
   * Returns whether this is the identity.
   *
   * @return whether the kind is {@code IDENTITY}
   */
  public boolean isIdentity() {
    return kind == Kind.IDENTITY;
  }

  /** Returns whether many of its values are exactly zero. */
  boolean givesZeros() {
    return (kind == Kind.RELU && parameters.get(0) == 0f)
        || kind == Kind.THRESHOLDED_RELU
        || kind == Kind.RECTIFIED_TANH;
  }
}
