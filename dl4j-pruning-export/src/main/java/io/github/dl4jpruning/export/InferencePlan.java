package io.github.dl4jpruning.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;

/**
 * The inference of a network as a list of operations. Values are numbered: first the inputs, then
 * the output of each step.
 *
 * <p>Layers that only training needs are left out, dead units and unused channels are removed, and
 * batch normalisation and activations are merged into the layers before them where that is exact.
 *
 * @param inputs the inputs of the network
 * @param steps the operations, each after the operations that it reads
 * @param outputs the outputs of the network
 */
public record InferencePlan(List<Input> inputs, List<Step> steps, List<Output> outputs) {

  /** The form of one sample of an input or an output. */
  public enum Form {
    /** A vector of channels. */
    VECTOR(0),
    /** A vector of channels for each of any number of time steps. */
    SEQUENCE(1),
    /** Planes: depth × height × width positions for each channel. */
    PLANES(2);

    private final int code;

    Form(int code) {
      this.code = code;
    }

    /** Returns the code in a runtime file. */
    int code() {
      return code;
    }
  }

  /**
   * An input.
   *
   * @param name the name of the network's input; empty for a {@code MultiLayerNetwork}
   * @param form the form of one sample
   * @param channelsLast whether channels are the last axis of its array
   * @param sizes channels, depth, height, width; the last three are 1 except for planes
   */
  public record Input(String name, Form form, boolean channelsLast, List<Integer> sizes) {
    /** Copies the list. */
    public Input {
      sizes = List.copyOf(sizes);
    }
  }

  /**
   * A step.
   *
   * @param layer the layer or vertex of the step
   * @param operation the operation
   * @param inputs the values that it reads
   */
  public record Step(String layer, Operation operation, List<Integer> inputs) {
    /** Copies the list. */
    public Step {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * An output.
   *
   * @param name the name of the network's output
   * @param channelsLast whether channels are the last axis of its array
   * @param value the number of its value
   */
  public record Output(String name, boolean channelsLast, int value) {}

  /** Copies the lists. */
  public InferencePlan {
    inputs = List.copyOf(inputs);
    steps = List.copyOf(steps);
    outputs = List.copyOf(outputs);
  }

  /**
   * Creates the plan of a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @return the plan
   * @throws IllegalArgumentException if a layer or vertex cannot be part of a plan, or the size of
   *     an input cannot be derived from the network; the message names it and suggests a remedy
   */
  public static InferencePlan of(Model network) {
    return of(network, ExportOptions.defaults());
  }

  /**
   * Creates the plan of a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param options the types of the inputs, and a normaliser
   * @return the plan
   * @throws IllegalArgumentException if a layer or vertex cannot be part of a plan, or the size of
   *     an input cannot be derived from the network; the message names it and suggests a remedy
   */
  public static InferencePlan of(Model network, ExportOptions options) {
    return PlanSimplifier.simplify(PlanBuilder.build(network, options));
  }

  /**
   * Returns the weights of all steps that multiply.
   *
   * @return matrices of weights, without biases
   */
  public List<Matrix> weights() {
    List<Matrix> weights = new ArrayList<>();
    for (Step step : steps) {
      if (step.operation() instanceof Operation.Linear linear) {
        weights.add(linear.weights());
      } else if (step.operation() instanceof Operation.Convolution convolution) {
        weights.add(convolution.weights());
      } else if (step.operation() instanceof Operation.Lstm lstm) {
        weights.addAll(List.of(lstm.input(), lstm.recurrent()));
      } else if (step.operation() instanceof Operation.SimpleRecurrent simple) {
        weights.addAll(List.of(simple.input(), simple.recurrent()));
      } else if (step.operation() instanceof Operation.Embedding embedding) {
        weights.add(embedding.words());
      }
    }
    return weights;
  }

  /**
   * Returns the same plan with a replacement for each matrix of weights.
   *
   * @param other gives the replacement of a matrix, of the same size
   * @return a new plan
   */
  public InferencePlan withWeights(UnaryOperator<Matrix> other) {
    List<Step> changed = new ArrayList<>();
    for (Step step : steps) {
      Operation operation = step.operation();
      if (operation instanceof Operation.Linear l) {
        operation = new Operation.Linear(other.apply(l.weights()), l.bias(), l.activation());
      } else if (operation instanceof Operation.Convolution c) {
        operation =
            new Operation.Convolution(
                other.apply(c.weights()), c.bias(), c.window(), c.activation());
      } else if (operation instanceof Operation.Lstm l) {
        operation =
            new Operation.Lstm(
                other.apply(l.input()),
                other.apply(l.recurrent()),
                l.bias(),
                l.peepholes(),
                l.activation(),
                l.gate(),
                l.masked());
      } else if (operation instanceof Operation.SimpleRecurrent r) {
        operation =
            new Operation.SimpleRecurrent(
                other.apply(r.input()),
                other.apply(r.recurrent()),
                r.bias(),
                r.activation(),
                r.masked());
      } else if (operation instanceof Operation.Embedding e) {
        operation = new Operation.Embedding(other.apply(e.words()), e.bias(), e.activation());
      }
      changed.add(new Step(step.layer(), operation, step.inputs()));
    }
    return new InferencePlan(inputs, changed, outputs);
  }

  /** Returns whether inputs have a depth, as in DL4J's arrays of five axes. */
  boolean hasVolumes() {
    return inputs.stream().anyMatch(input -> input.sizes().get(1) > 1);
  }

  /** Returns the values that mark masked steps, if a layer skips those. */
  List<Float> maskedValues() {
    return steps.stream()
        .map(Step::operation)
        .flatMap(
            operation ->
                operation instanceof Operation.Lstm lstm
                    ? lstm.masked().stream()
                    : operation instanceof Operation.SimpleRecurrent simple
                        ? simple.masked().stream()
                        : Stream.empty())
        .distinct()
        .toList();
  }

  /** Returns the number of words of an input; 0 if no embedding reads it. */
  int words(int input) {
    return steps.stream()
        .filter(step -> step.inputs().contains(input))
        .map(Step::operation)
        .filter(operation -> operation instanceof Operation.Embedding)
        .mapToInt(operation -> ((Operation.Embedding) operation).words().rows())
        .findFirst()
        .orElse(0);
  }

  /**
   * Returns the fraction of the plan's weights that are zero. Weights of removed units are not
   * counted.
   *
   * @return 0 to 1
   */
  public double sparsity() {
    long all = weights().stream().mapToLong(w -> w.values().length).sum();
    long kept = weights().stream().mapToLong(Matrix::nonZeros).sum();
    return all == 0 ? 0.0 : 1.0 - (double) kept / all;
  }

  /**
   * Returns the input channels that no weight reads: columns, sensors or colours that are not
   * needed any more.
   *
   * @return the unread channels by the name of the input, for inputs that only layers with weights
   *     read; inputs without unread channels are left out
   */
  public Map<String, List<Integer>> unreadChannels() {
    Map<String, List<Integer>> unread = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      List<Integer> channels = unread(i);
      if (!channels.isEmpty()) {
        unread.put(inputs.get(i).name(), channels);
      }
    }
    return unread;
  }

  private List<Integer> unread(int input) {
    List<Integer> found = new ArrayList<>();
    for (int channel = 0; channel < inputs.get(input).sizes().get(0); channel++) {
      int c = channel;
      boolean read =
          steps.stream()
              .filter(step -> step.inputs().contains(input))
              .anyMatch(step -> reads(step.operation(), c));
      if (!read) {
        found.add(channel);
      }
    }
    return found;
  }

  private static boolean reads(Operation operation, int channel) {
    if (operation instanceof Operation.Linear linear) {
      return linear.weights().readsColumn(channel);
    } else if (operation instanceof Operation.Lstm lstm) {
      return lstm.masked().isPresent() || lstm.input().readsColumn(channel);
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      return simple.masked().isPresent() || simple.input().readsColumn(channel);
    } else if (operation instanceof Operation.Convolution convolution) {
      int places = convolution.window().places();
      for (int place = 0; place < places; place++) {
        if (convolution.weights().readsColumn(channel * places + place)) {
          return true;
        }
      }
      return false;
    }
    return true;
  }
}
