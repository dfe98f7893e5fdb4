package io.github.dl4jpruning.export.onnx;

import static io.github.dl4jpruning.export.onnx.OnnxGraph.decimal;

import io.github.dl4jpruning.export.Activation;
import java.util.List;

/** Functions of one number as nodes of ONNX. */
final class OnnxActivations {

  private static final double SQRT_2_BY_PI = 0.7978845608028654;

  private final OnnxGraph graph;

  OnnxActivations(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Adds the nodes of a function, and returns the name of the result. */
  String add(Activation activation, String x) {
    List<Float> p = activation.parameters();
    return switch (activation.kind()) {
      case IDENTITY -> x;
      case RELU -> relu(x, p.get(0), p.get(1), p.get(2));
      case SIGMOID -> graph.node("Sigmoid", x);
      case TANH -> graph.node("Tanh", x);
      case ELU -> graph.node("Elu", x, decimal("alpha", p.get(0)));
      case SELU -> graph.node("Selu", x, decimal("gamma", p.get(0)), decimal("alpha", p.get(1)));
      case SOFTPLUS -> graph.node("Softplus", x);
      case SOFTSIGN -> graph.node("Softsign", x);
      case CUBE -> times(x, times(x, x));
      case HARD_SIGMOID ->
          graph.node("HardSigmoid", x, decimal("alpha", 0.2), decimal("beta", 0.5));
      case HARD_TANH -> clip(x, -1.0, 1.0);
      case RATIONAL_TANH -> rationalTanh(x);
      case RECTIFIED_TANH -> graph.node("Relu", graph.node("Tanh", x));
      case SWISH -> times(x, graph.node("Sigmoid", x));
      case MISH -> times(x, graph.node("Tanh", graph.node("Softplus", x)));
      case GELU -> times(x, graph.node("Sigmoid", scaled(x, 1.702)));
      case PRECISE_GELU -> preciseGelu(x);
      case THRESHOLDED_RELU -> graph.node("ThresholdedRelu", x, decimal("alpha", p.get(0)));
      case RANDOM_RELU -> graph.node("Max", List.of(x, graph.number(p.get(0))));
    };
  }

  /** x below the threshold: slope · (x − threshold); else at most the highest value. */
  private String relu(String x, float slope, float threshold, float most) {
    boolean bounded = most != Float.POSITIVE_INFINITY;
    if (threshold == 0f && slope == 0f) {
      return bounded ? clip(x, 0.0, most) : graph.node("Relu", x);
    } else if (threshold == 0f && !bounded) {
      return graph.node("LeakyRelu", x, decimal("alpha", slope));
    }
    String limit = graph.number(threshold);
    String below = scaled(graph.node("Sub", List.of(x, limit)), slope);
    String above = bounded ? graph.node("Min", List.of(x, graph.number(most))) : x;
    return graph.node("Where", List.of(graph.node("Less", List.of(x, limit)), below, above));
  }

  private String clip(String x, double least, double most) {
    return graph.node("Clip", List.of(x, graph.number(least), graph.number(most)));
  }

  /** 1.7159·tanh(2x/3), with tanh y = 1 − 1/(1 + y + y² + 1.41645·y⁴) and the sign of x. */
  private String rationalTanh(String x) {
    String y = graph.node("Abs", scaled(x, 2.0 / 3.0));
    String squared = times(y, y);
    String sum = plus(plus(y, squared), scaled(times(squared, squared), 1.41645));
    String inverse = graph.node("Reciprocal", plus(sum, graph.number(1.0)));
    String positive = graph.node("Sub", List.of(graph.number(1.0), inverse));
    return scaled(times(graph.node("Sign", x), positive), 1.7159);
  }

  /** x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
  private String preciseGelu(String x) {
    String cube = times(x, times(x, x));
    String inner = scaled(plus(x, scaled(cube, 0.044715)), SQRT_2_BY_PI);
    String one = plus(graph.node("Tanh", inner), graph.number(1.0));
    return scaled(times(x, one), 0.5);
  }

  private String times(String a, String b) {
    return graph.node("Mul", List.of(a, b));
  }

  private String plus(String a, String b) {
    return graph.node("Add", List.of(a, b));
  }

  private String scaled(String x, double factor) {
    return times(x, graph.number(factor));
  }
}
