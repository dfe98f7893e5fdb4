package io.github.dl4jpruning.export;

import io.github.dl4jpruning.export.InferencePlan.Output;
import io.github.dl4jpruning.export.InferencePlan.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shortens a plan without changing its outputs: scales and shifts (batch normalisation,
 * normalisers) are merged into the weights before or after them, and activations into the step
 * before.
 */
final class PlanSimplifier {

  private final int inputs;
  private final List<Step> steps;
  private final List<Output> outputs;

  private PlanSimplifier(InferencePlan plan) {
    this.inputs = plan.inputs().size();
    this.steps = new ArrayList<>(plan.steps());
    this.outputs = plan.outputs();
  }

  static InferencePlan simplify(InferencePlan plan) {
    InferencePlan now = plan;
    while (true) {
      PlanSimplifier simplifier = new PlanSimplifier(now);
      if (!simplifier.joinOnce()) {
        return now;
      }
      now = new InferencePlan(plan.inputs(), simplifier.steps, simplifier.outputs());
    }
  }

  /** The replacement of each value whose step was removed. */
  private final Map<Integer, Integer> replaced = new HashMap<>();

  private List<Output> outputs() {
    return outputs.stream()
        .map(
            o ->
                new Output(o.name(), o.channelsLast(), replaced.getOrDefault(o.value(), o.value())))
        .toList();
  }

  /** Joins all pairs that do not overlap; returns whether any pair was joined. */
  private boolean joinOnce() {
    int[] readers = new int[inputs + steps.size()];
    steps.forEach(step -> step.inputs().forEach(value -> readers[value]++));
    outputs.forEach(output -> readers[output.value()]++);
    List<Step> kept = new ArrayList<>();
    boolean[] done = new boolean[steps.size()];
    boolean joined = false;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int source = step.inputs().get(0) - inputs;
      boolean alone = step.inputs().size() == 1 && source >= 0 && readers[source + inputs] == 1;
      Optional<Operation> both =
          alone && !done[source]
              ? join(steps.get(source).operation(), step.operation())
              : Optional.empty();
      if (both.isPresent()) {
        joined = true;
        done[source] = true;
        done[i] = true;
        int place = replaced.getOrDefault(source + inputs, source + inputs) - inputs;
        Step before = kept.get(place);
        kept.set(place, new Step(before.layer(), both.get(), before.inputs()));
        replaced.put(inputs + i, inputs + place);
      } else {
        List<Integer> read = step.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
        kept.add(new Step(step.layer(), step.operation(), read));
        replaced.put(inputs + i, inputs + kept.size() - 1);
      }
    }
    steps.clear();
    steps.addAll(kept);
    return joined;
  }

  private static Optional<Operation> join(Operation first, Operation second) {
    if (second instanceof Operation.Activate activate) {
      return activated(first, activate.activation());
    } else if (second instanceof Operation.PerChannel scale) {
      return scaled(first, scale);
    } else if (first instanceof Operation.PerChannel scale
        && second instanceof Operation.Linear linear
        && scale.activation().isIdentity()) {
      return Optional.of(behind(scale, linear));
    }
    return Optional.empty();
  }

  private static Optional<Operation> activated(Operation first, Activation activation) {
    if (first instanceof Operation.Linear linear && linear.activation().isIdentity()) {
      return Optional.of(new Operation.Linear(linear.weights(), linear.bias(), activation));
    } else if (first instanceof Operation.Convolution c && c.activation().isIdentity()) {
      return Optional.of(new Operation.Convolution(c.weights(), c.bias(), c.window(), activation));
    } else if (first instanceof Operation.PerChannel scale && scale.activation().isIdentity()) {
      return Optional.of(new Operation.PerChannel(scale.scales(), scale.shifts(), activation));
    } else if (first instanceof Operation.Combine combine && combine.activation().isIdentity()) {
      return Optional.of(new Operation.Combine(combine.how(), activation));
    } else if (first instanceof Operation.LayerNormalisation norm
        && norm.activation().isIdentity()) {
      return Optional.of(new Operation.LayerNormalisation(norm.gains(), norm.bias(), activation));
    } else if (first instanceof Operation.Embedding words && words.activation().isIdentity()) {
      return Optional.of(new Operation.Embedding(words.words(), words.bias(), activation));
    }
    return Optional.empty();
  }

  /** s·(W·x + b) + t = (s·W)·x + (s·b + t). */
  private static Optional<Operation> scaled(Operation first, Operation.PerChannel scale) {
    if (first instanceof Operation.Linear linear && linear.activation().isIdentity()) {
      int rows = linear.weights().rows();
      float[] factors = each(scale.scales(), rows);
      return Optional.of(
          new Operation.Linear(
              linear.weights().scaledByRow(factors),
              bias(linear.bias(), factors, each(scale.shifts(), rows)),
              scale.activation()));
    } else if (first instanceof Operation.Convolution c && c.activation().isIdentity()) {
      int rows = c.weights().rows();
      float[] factors = each(scale.scales(), rows);
      return Optional.of(
          new Operation.Convolution(
              c.weights().scaledByRow(factors),
              bias(c.bias(), factors, each(scale.shifts(), rows)),
              c.window(),
              scale.activation()));
    }
    return Optional.empty();
  }

  /** W·(s·x + t) + b = (W·s)·x + (W·t + b). */
  private static Operation behind(Operation.PerChannel scale, Operation.Linear linear) {
    Matrix weights = linear.weights();
    float[] shifts = each(scale.shifts(), weights.columns());
    float[] bias = new float[weights.rows()];
    for (int row = 0; row < bias.length; row++) {
      double sum = linear.bias().isPresent() ? linear.bias().values()[row] : 0.0;
      for (int column = 0; column < shifts.length; column++) {
        sum += (double) weights.at(row, column) * shifts[column];
      }
      bias[row] = (float) sum;
    }
    return new Operation.Linear(
        weights.scaledByColumn(each(scale.scales(), weights.columns())),
        Matrix.vector(bias),
        linear.activation());
  }

  private static float[] each(Matrix numbers, int count) {
    if (numbers.columns() == count) {
      return numbers.values();
    }
    float[] all = new float[count];
    Arrays.fill(all, numbers.values()[0]);
    return all;
  }

  private static Matrix bias(Matrix bias, float[] scales, float[] shifts) {
    float[] values = shifts.clone();
    for (int i = 0; i < values.length && bias.isPresent(); i++) {
      values[i] += scales[i] * bias.values()[i];
    }
    return Matrix.vector(values);
  }
}
