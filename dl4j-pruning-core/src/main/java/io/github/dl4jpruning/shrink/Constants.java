package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.shrink.Flow.Affine;
import io.github.dl4jpruning.shrink.Flow.Channelwise;
import io.github.dl4jpruning.shrink.Flow.Combine;
import io.github.dl4jpruning.shrink.Flow.Concat;
import io.github.dl4jpruning.shrink.Flow.Depthwise;
import io.github.dl4jpruning.shrink.Flow.Gather;
import io.github.dl4jpruning.shrink.Flow.Node;
import io.github.dl4jpruning.shrink.Flow.Pinned;
import io.github.dl4jpruning.shrink.Flow.Recurrent;
import io.github.dl4jpruning.shrink.Flow.Scalar;
import io.github.dl4jpruning.shrink.Flow.Spatial;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the channels that always have the same value at inference, whatever the network's input: at
 * all positions, in all time steps, for all examples.
 */
final class Constants {

  private final Flow flow;
  private final List<IntToDoubleFunction> values;
  private final Links[] links;

  /** By node and channel; NaN if not constant; null if the width is not known. */
  private final double[] @Nullable [] constants;

  /**
   * Computes the constants.
   *
   * @param flow the flow of the network
   * @param values the values of each tensor, by flat index
   */
  Constants(Flow flow, List<IntToDoubleFunction> values) {
    this.flow = flow;
    this.values = values;
    this.links = new Links[flow.tensors().size()];
    for (Node node : flow.nodes()) {
      if (node.op() instanceof Affine affine) {
        link(affine.weights());
      } else if (node.op() instanceof Recurrent recurrent) {
        link(recurrent.weights());
        link(recurrent.recurrent());
      }
    }
    this.constants = new double[flow.nodes().size()][];
    for (int n = 0; n < constants.length; n++) {
      constants[n] = of(flow.nodes().get(n));
    }
  }

  private void link(int tensor) {
    links[tensor] = Links.of(flow.tensors().get(tensor), values.get(tensor));
  }

  /** Returns the links of a weight tensor of a multiplication. */
  Links links(int tensor) {
    return links[tensor];
  }

  /** Returns the constant value of a channel, or NaN. */
  double at(int node, int channel) {
    return constants[node][channel];
  }

  /** Returns the value of an entry. */
  double value(int tensor, int flat) {
    return values.get(tensor).applyAsDouble(flat);
  }

  private double @Nullable [] of(Node node) {
    if (node.inputs().isEmpty()) {
      return noneOf(node);
    }
    double[] in = constants[node.input()];
    if (node.op() instanceof Pinned) {
      return in == null ? null : none(in.length); // a softmax, for instance
    } else if (node.op() instanceof Gather gather) {
      return Arrays.stream(gather.from()).mapToDouble(from -> in[from]).toArray();
    } else if (node.op() instanceof Concat) {
      return node.inputs().stream().flatMapToDouble(i -> Arrays.stream(constants[i])).toArray();
    } else if (node.op() instanceof Combine combine) {
      return combined(combine.how(), node.inputs().stream().map(i -> constants[i]).toList());
    } else if (node.op() instanceof Scalar scalar) {
      return each(in, c -> Double.isNaN(c) ? c : scalar.function().applyAsDouble(c));
    } else if (node.op() instanceof Spatial spatial) {
      return each(
          in, c -> (c == 0.0 ? spatial.keepsZero() : spatial.keepsConstants()) ? c : Double.NaN);
    } else if (node.op() instanceof Channelwise channelwise) {
      double[] out = none(in.length);
      Arrays.setAll(out, i -> channelwise.function().apply(i, in[i]));
      return out;
    } else if (node.op() instanceof Depthwise depthwise) {
      return depthwise(depthwise, in);
    } else if (node.op() instanceof Affine affine) {
      BitSet live = new BitSet();
      double[] sums = sums(affine.weights(), in, affine.padded(), live);
      for (int o = 0; o < sums.length; o++) {
        sums[o] = live.get(o) ? Double.NaN : sums[o] + bias(affine.bias(), o);
      }
      return sums;
    } else if (node.op() instanceof Recurrent recurrent) {
      return recurrent(recurrent, in, node.width());
    }
    return noneOf(node);
  }

  private static double @Nullable [] noneOf(Node node) {
    return node.width() == Flow.UNKNOWN ? null : none(node.width());
  }

  private static double[] none(int width) {
    double[] none = new double[width];
    Arrays.fill(none, Double.NaN);
    return none;
  }

  private static double @Nullable [] each(double @Nullable [] in, DoubleUnaryOperator function) {
    return in == null ? null : Arrays.stream(in).map(function).toArray();
  }

  private static double[] combined(Flow.Combination how, List<double[]> in) {
    double[] out = in.get(0).clone();
    for (int i = 0; i < out.length; i++) {
      int channel = i;
      double[] terms = in.stream().mapToDouble(c -> c[channel]).toArray();
      out[i] =
          switch (how) {
            case ADD -> sum(terms);
            case SUBTRACT -> terms[0] - terms[1];
            case AVERAGE -> sum(terms) / terms.length;
            case MAX -> max(terms);
            case PRODUCT -> Arrays.stream(terms).anyMatch(t -> t == 0.0) ? 0.0 : product(terms);
            case EITHER ->
                Arrays.stream(terms).allMatch(t -> t == terms[0]) ? terms[0] : Double.NaN;
          };
    }
    return out;
  }

  private static double sum(double[] terms) {
    return Arrays.stream(terms).reduce(0.0, Double::sum);
  }

  private static double product(double[] terms) {
    return Arrays.stream(terms).reduce(1.0, (a, b) -> a * b);
  }

  private static double max(double[] terms) {
    return Arrays.stream(terms).reduce(Double.NEGATIVE_INFINITY, Math::max);
  }

  private double bias(int tensor, int channel) {
    return tensor < 0 ? 0.0 : value(tensor, channel);
  }

  /**
   * Returns Σ w·c over the constant inputs.
   *
   * @param live receives the outputs that also depend on other inputs
   */
  private double[] sums(int weights, double[] in, boolean padded, BitSet live) {
    Flow.Tensor tensor = flow.tensors().get(weights);
    boolean any = false;
    boolean[] added = new boolean[in.length];
    for (int i = 0; i < in.length; i++) {
      boolean odd = links[weights].notFinite().get(i);
      added[i] = !Double.isNaN(in[i]) && in[i] != 0.0 && !padded && !odd;
      any |= added[i];
      if (!added[i] && (in[i] != 0.0 || odd)) {
        live.or(links[weights].fed()[i]);
      }
    }
    double[] sums = new double[tensor.layout().outputs()];
    if (any) {
      tensor
          .layout()
          .forEach(
              (flat, output, input) -> {
                if (added[input]) {
                  sums[output] += value(weights, flat) * in[input];
                }
              });
    }
    return sums;
  }

  private double[] depthwise(Depthwise depthwise, double[] in) {
    Flow.Tensor tensor = flow.tensors().get(depthwise.weights());
    int multiplier = depthwise.multiplier();
    double[] sums = new double[in.length * multiplier];
    boolean[] zero = new boolean[sums.length];
    Arrays.fill(zero, true);
    tensor
        .layout()
        .forEach(
            (flat, output, input) -> {
              double w = value(depthwise.weights(), flat);
              int copy = depthwise.copiesFirst() ? output / in.length : output % multiplier;
              int channel = input * multiplier + copy;
              sums[channel] += w == 0.0 ? 0.0 : w * in[input];
              zero[channel] &= w == 0.0;
            });
    for (int o = 0; o < sums.length; o++) {
      double c = in[o / multiplier];
      boolean known = zero[o] || c == 0.0 || (!Double.isNaN(c) && !depthwise.padded());
      sums[o] = known ? sums[o] + bias(depthwise.bias(), o) : Double.NaN;
    }
    return sums;
  }

  /**
   * A simple recurrent unit is constant if neither a non-constant input nor any unit feeds it. An
   * LSTM unit is 0 if nothing feeds its candidate, including the bias, and the activation of 0 is
   * 0.
   */
  private double[] recurrent(Recurrent op, double[] in, int units) {
    BitSet live = new BitSet();
    double[] out = new double[units];
    if (op.gates() == 1) {
      out = sums(op.weights(), in, false, live);
      for (BitSet fed : links[op.recurrent()].fed()) {
        live.or(fed);
      }
      for (int u = 0; u < units; u++) {
        out[u] =
            live.get(u) ? Double.NaN : op.activation().applyAsDouble(out[u] + bias(op.bias(), u));
      }
      return out;
    }
    if (op.activation().applyAsDouble(0.0) != 0.0) {
      return none(units);
    }
    int inputs = in.length;
    for (int u = 0; u < units; u++) {
      // Weights are stored column by column; the first columns belong to the candidate.
      boolean reached = bias(op.bias(), u) != 0.0;
      for (int i = 0; i < inputs && !reached; i++) {
        reached = value(op.weights(), u * inputs + i) != 0.0 && in[i] != 0.0;
      }
      for (int i = 0; i < units && !reached; i++) {
        reached = value(op.recurrent(), u * units + i) != 0.0;
      }
      out[u] = reached ? Double.NaN : 0.0;
    }
    return out;
  }
}
