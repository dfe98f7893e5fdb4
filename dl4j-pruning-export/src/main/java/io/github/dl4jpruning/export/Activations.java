package io.github.dl4jpruning.export;

import io.github.dl4jpruning.export.Activation.Kind;
import io.github.dl4jpruning.model.ElementwiseActivation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/** Translates ND4J's activations into activations of a plan. */
final class Activations {

  /** Source: G. Klambauer et al., "Self-normalizing neural networks", 2017 (arXiv 1706.02515). */
  private static final double SELU_LAMBDA = 1.0507009873554805;

  private static final double SELU_ALPHA = 1.6732632423543772;

  private Activations() {}

  static boolean isSoftmax(IActivation activation) {
    return activation instanceof ActivationSoftmax;
  }

  static Activation of(IActivation activation, String layer) {
    Class<?> type = activation.getClass();
    if (type == ActivationIdentity.class) {
      return Activation.IDENTITY;
    } else if (activation instanceof ActivationReLU relu) {
      return Activation.relu(
          orElse(relu.getNegativeSlope(), 0.0),
          orElse(relu.getThreshold(), 0.0),
          orElse(relu.getMax(), Double.POSITIVE_INFINITY));
    } else if (type == ActivationReLU6.class) {
      return Activation.relu(0.0, 0.0, 6.0);
    } else if (activation instanceof ActivationLReLU leaky) {
      return Activation.relu(leaky.getAlpha(), 0.0, Double.POSITIVE_INFINITY);
    } else if (activation instanceof ActivationRReLU random) {
      return Activation.of(Kind.RANDOM_RELU, (random.getL() + random.getU()) / 2.0);
    } else if (activation instanceof ActivationELU elu) {
      return Activation.of(Kind.ELU, elu.getAlpha());
    } else if (type == ActivationSELU.class) {
      return Activation.of(Kind.SELU, SELU_LAMBDA, SELU_ALPHA);
    } else if (activation instanceof ActivationThresholdedReLU above) {
      return Activation.of(Kind.THRESHOLDED_RELU, above.getTheta());
    } else if (type == ActivationGELU.class) {
      return Activation.of(isPrecise(activation) ? Kind.PRECISE_GELU : Kind.GELU);
    }
    return Activation.of(withoutParameters(type, layer));
  }

  private static double orElse(Double value, double otherwise) {
    return value == null ? otherwise : value;
  }

  /**
   * Detects the precise form by its value at 2, since there is no getter: the two forms differ by
   * more than 0.01 there.
   */
  private static boolean isPrecise(IActivation activation) {
    double atTwo = ElementwiseActivation.of(activation).orElseThrow().applyAsDouble(2.0);
    double form = 2.0 / (1.0 + Math.exp(-1.702 * 2.0));
    return Math.abs(atTwo - form) > 0.01;
  }

  private static Kind withoutParameters(Class<?> type, String layer) {
    if (type == ActivationSigmoid.class) {
      return Kind.SIGMOID;
    } else if (type == ActivationTanH.class) {
      return Kind.TANH;
    } else if (type == ActivationSoftPlus.class) {
      return Kind.SOFTPLUS;
    } else if (type == ActivationSoftSign.class) {
      return Kind.SOFTSIGN;
    } else if (type == ActivationCube.class) {
      return Kind.CUBE;
    } else if (type == ActivationHardSigmoid.class) {
      return Kind.HARD_SIGMOID;
    } else if (type == ActivationHardTanH.class) {
      return Kind.HARD_TANH;
    } else if (type == ActivationRationalTanh.class) {
      return Kind.RATIONAL_TANH;
    } else if (type == ActivationRectifiedTanh.class) {
      return Kind.RECTIFIED_TANH;
    } else if (type == ActivationSwish.class) {
      return Kind.SWISH;
    } else if (type == ActivationMish.class) {
      return Kind.MISH;
    }
    throw new IllegalArgumentException(
        "layer "
            + layer
            + ": expected an activation of DL4J, but found "
            + type.getName()
            + "; a user-defined function cannot be exported");
  }
}
