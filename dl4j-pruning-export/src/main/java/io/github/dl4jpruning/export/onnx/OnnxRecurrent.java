package io.github.dl4jpruning.export.onnx;

import static io.github.dl4jpruning.export.onnx.OnnxGraph.decimals;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.integer;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.integers;
import static io.github.dl4jpruning.export.onnx.OnnxGraph.texts;

import io.github.dl4jpruning.export.Activation;
import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Recurrent layers. Their input and output here is examples × steps × channels. */
final class OnnxRecurrent {

  private static final int GATES = 4;

  /** ONNX has input, output, forget, candidate; a plan has candidate, forget, output, input. */
  private static final int[] GATE_ORDER = {3, 2, 1, 0};

  /** ONNX has input, output, forget; a plan has forget, output, input. */
  private static final int[] PEEPHOLE_ORDER = {2, 1, 0};

  private final OnnxGraph graph;

  OnnxRecurrent(OnnxGraph graph) {
    this.graph = graph;
  }

  String lstm(Operation.Lstm lstm, String x) {
    requireNoMask(lstm.masked());
    int units = lstm.recurrent().columns();
    List<String> in = new ArrayList<>();
    in.add(stepsFirst(x));
    in.add(
        graph.floats(gates(lstm.input(), units), 1, (long) GATES * units, lstm.input().columns()));
    in.add(
        graph.weights(
            gates(lstm.recurrent(), units), GATES * units, 1, (long) GATES * units, units));
    float[] bias = new float[2 * GATES * units];
    System.arraycopy(reordered(lstm.bias().values(), units, GATE_ORDER), 0, bias, 0, GATES * units);
    in.add(graph.floats(bias, 1, bias.length));
    if (lstm.peepholes().isPresent()) {
      in.addAll(List.of("", "", "")); // no lengths, and no state at the beginning
      float[] peepholes = reordered(lstm.peepholes().values(), units, PEEPHOLE_ORDER);
      in.add(graph.floats(peepholes, 1, peepholes.length));
    }
    Function gate = function(lstm.gate());
    Function cell = function(lstm.activation());
    List<Float> alpha = new ArrayList<>();
    List<Float> beta = new ArrayList<>();
    for (Function function : List.of(gate, cell, cell)) {
      alpha.addAll(function.alpha);
      beta.addAll(function.beta);
    }
    return examplesFirst(
        graph.node(
            "LSTM",
            in,
            integer("hidden_size", units),
            texts("activations", gate.name, cell.name, cell.name),
            decimals("activation_alpha", alpha),
            decimals("activation_beta", beta)));
  }

  String simple(Operation.SimpleRecurrent layer, String x) {
    requireNoMask(layer.masked());
    int units = layer.recurrent().columns();
    float[] bias = new float[2 * units];
    System.arraycopy(layer.bias().values(), 0, bias, 0, units);
    Function function = function(layer.activation());
    return examplesFirst(
        graph.node(
            "RNN",
            List.of(
                stepsFirst(x),
                graph.weights(layer.input().values(), units, 1, units, layer.input().columns()),
                graph.weights(layer.recurrent().values(), units, 1, units, units),
                graph.floats(bias, 1, bias.length)),
            integer("hidden_size", units),
            texts("activations", function.name),
            decimals("activation_alpha", orZero(function.alpha)),
            decimals("activation_beta", orZero(function.beta))));
  }

  /** ONNX Runtime reads a parameter of an RNN's function even if the function has none. */
  private static List<Float> orZero(List<Float> parameters) {
    return parameters.isEmpty() ? List.of(0f) : parameters;
  }

  private void requireNoMask(Optional<Float> masked) {
    if (masked.isPresent()) {
      throw graph.unsupported("a recurrent layer that skips masked steps");
    }
  }

  private String stepsFirst(String x) {
    return graph.node("Transpose", x, integers("perm", 1, 0, 2));
  }

  /** From steps × directions × examples × units. */
  private String examplesFirst(String y) {
    String one = graph.node("Squeeze", List.of(y, graph.longs(1)));
    return graph.node("Transpose", one, integers("perm", 1, 0, 2));
  }

  private static float[] gates(Matrix weights, int units) {
    return reordered(weights.values(), units * weights.columns(), GATE_ORDER);
  }

  private static float[] reordered(float[] values, int block, int... order) {
    float[] result = new float[values.length];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(values, order[i] * block, result, i * block, block);
    }
    return result;
  }

  private record Function(String name, List<Float> alpha, List<Float> beta) {
    static Function of(String name, Float... alpha) {
      return new Function(name, List.of(alpha), List.of());
    }
  }

  /** The functions that recurrent layers of ONNX know. */
  private Function function(Activation activation) {
    List<Float> p = activation.parameters();
    return switch (activation.kind()) {
      case SIGMOID -> Function.of("Sigmoid");
      case TANH -> Function.of("Tanh");
      case SOFTSIGN -> Function.of("Softsign");
      case SOFTPLUS -> Function.of("Softplus");
      case ELU -> Function.of("Elu", p.get(0));
      case THRESHOLDED_RELU -> Function.of("ThresholdedRelu", p.get(0));
      case HARD_SIGMOID -> new Function("HardSigmoid", List.of(0.2f), List.of(0.5f));
      case IDENTITY -> new Function("Affine", List.of(1f), List.of(0f));
      case RELU -> relu(p);
      default -> throw graph.unsupported("a recurrent layer with the activation " + activation);
    };
  }

  private Function relu(List<Float> p) {
    if (p.get(1) != 0f || p.get(2) != Float.POSITIVE_INFINITY) {
      throw graph.unsupported("a recurrent layer with a ReLU of " + p);
    }
    return p.get(0) == 0f ? Function.of("Relu") : Function.of("LeakyRelu", p.get(0));
  }
}
