package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Activation;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import io.github.dl4jpruning.export.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A random plan: several inputs and outputs, values that are read several times, operations that no
 * layer of DL4J makes alone. Some do not fit together; then the runtime refuses them, or the shapes
 * cannot be computed.
 */
final class RandomPlans {

  static final float MASKED = 0.5f;
  private static final Matrix NONE = new Matrix(0, 0, new float[0]);
  private static final long LARGEST = 4_000;

  /** All kinds, each with some parameters. */
  private static final List<Activation> ACTIVATIONS =
      Arrays.stream(Activation.Kind.values())
          .flatMap(
              kind ->
                  Stream.<List<Float>>of(
                          List.of(), List.of(0.3f), List.of(0.3f, 1.2f), List.of(0.1f, 0.3f, 1.5f))
                      .flatMap(parameters -> activation(kind, parameters).stream()))
          .toList();

  final Random random;
  private final List<InferencePlan.Input> inputs = new ArrayList<>();
  private final List<InferencePlan.Step> steps = new ArrayList<>();
  final int timeSteps;

  /** Whether all operations read one time step at a time. */
  final boolean stepwise;

  /** Each kind takes one number of parameters. */
  private static Optional<Activation> activation(Activation.Kind kind, List<Float> parameters) {
    try {
      return Optional.of(new Activation(kind, parameters));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  RandomPlans(long seed) {
    this.random = new Random(31 * seed + 7);
    this.timeSteps = 1 + random.nextInt(5);
    int kind = random.nextInt(4); // no sequences; only sequences, two ways; a mixture
    this.stepwise = kind == 1;
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      inputs.add(input("i" + i, kind == 1 || kind == 2 || (kind == 3 && random.nextBoolean())));
    }
    int operations = 1 + random.nextInt(12);
    for (int i = 0; i < operations; i++) {
      int before = steps.size();
      grow();
      boolean whole =
          steps.subList(before, steps.size()).stream()
              .anyMatch(step -> needsWholeSequence(step.operation()));
      boolean large = before < steps.size() && size(shapes().get(shapes().size() - 1)) > LARGEST;
      if (large || (stepwise && whole)) {
        steps.subList(before, steps.size()).clear();
      }
    }
  }

  InferencePlan plan() {
    List<ValueShape> shapes = shapes();
    List<InferencePlan.Output> outputs = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int late = shapes.size() - 1 - Math.min(shapes.size() - 1, random.nextInt(3));
      int value = random.nextInt(3) > 0 ? late : random.nextInt(shapes.size());
      boolean axes = shapes.get(value).planes() || shapes.get(value).sequence();
      outputs.add(new InferencePlan.Output("o" + i, axes && random.nextBoolean(), value));
    }
    return new InferencePlan(inputs, steps, outputs);
  }

  private InferencePlan.Input input(String name, boolean sequence) {
    if (sequence) {
      return new InferencePlan.Input(
          name,
          InferencePlan.Form.SEQUENCE,
          random.nextBoolean(),
          List.of(1 + random.nextInt(6), 1, 1, 1));
    } else if (random.nextBoolean()) {
      return new InferencePlan.Input(
          name, InferencePlan.Form.VECTOR, false, List.of(1 + random.nextInt(8), 1, 1, 1));
    }
    return new InferencePlan.Input(
        name,
        InferencePlan.Form.PLANES,
        random.nextBoolean(),
        List.of(
            1 + random.nextInt(3),
            random.nextInt(4) == 0 ? 2 : 1,
            1 + random.nextInt(5),
            1 + random.nextInt(6)));
  }

  private static boolean needsWholeSequence(Operation operation) {
    return operation instanceof Operation.ReverseSteps
        || operation instanceof Operation.RepeatSteps
        || operation instanceof Operation.LastUnmaskedStep
        || operation instanceof Operation.StepsToWidth
        || operation instanceof Operation.WidthToSteps
        || (operation instanceof Operation.GlobalPooling pooling && pooling.overSteps())
        || (operation instanceof Operation.UnitNorm unit && unit.overSteps())
        || (operation instanceof Operation.Softmax softmax
            && softmax.along() == Operation.Axis.STEPS);
  }

  private List<ValueShape> shapes() {
    return ValueShape.of(new InferencePlan(inputs, steps, List.of()), timeSteps);
  }

  private static long size(ValueShape shape) {
    return (long) shape.items() * shape.channels() * positions(shape);
  }

  private static int positions(ValueShape shape) {
    return shape.depth() * shape.height() * shape.width();
  }

  float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = 0.5f * (float) random.nextGaussian();
    }
    return numbers;
  }

  private Matrix vector(int count) {
    return new Matrix(1, count, numbers(count));
  }

  private Matrix bias(int count) {
    return random.nextBoolean() ? vector(count) : NONE;
  }

  private Matrix matrix(int rows, int columns) {
    float[] values = numbers(rows * columns);
    double zeros = random.nextInt(4) == 0 ? 0 : random.nextInt(5) == 0 ? 1 : random.nextDouble();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < zeros ? 0f : values[i];
    }
    return new Matrix(rows, columns, values);
  }

  private Activation activation() {
    return random.nextInt(3) == 0 ? Activation.IDENTITY : one(ACTIVATIONS);
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** An activation that keeps a recurrent layer from growing. */
  private Activation bounded() {
    return new Activation(
        random.nextBoolean() ? Activation.Kind.TANH : Activation.Kind.SIGMOID, List.of());
  }

  private Operation.Pool pool() {
    return one(List.of(Operation.Pool.values()));
  }

  private Window window(ValueShape shape) {
    Window.Mode mode = one(List.of(Window.Mode.values()));
    List<List<Integer>> numbers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      numbers.add(new ArrayList<>());
    }
    for (int axis = 0; axis < 3; axis++) {
      int length = shape.size(axis);
      boolean real = length > 1;
      boolean explicit = mode == Window.Mode.EXPLICIT;
      int kernel = real ? 1 + random.nextInt(explicit ? Math.min(3, length) : 3) : 1;
      boolean fits = !explicit || 2 * kernel - 1 <= length;
      numbers.get(0).add(kernel);
      numbers.get(1).add(real ? 1 + random.nextInt(3) : 1);
      numbers.get(2).add(kernel > 1 && fits && random.nextInt(3) == 0 ? 2 : 1);
      numbers.get(3).add(real && random.nextInt(3) == 0 ? random.nextInt(3) : 0);
      numbers.get(4).add(real && random.nextInt(3) == 0 ? random.nextInt(3) : 0);
    }
    return new Window(
        numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3), numbers.get(4), mode);
  }

  private int add(Operation operation, Integer... read) {
    steps.add(new InferencePlan.Step("l" + steps.size(), operation, List.of(read)));
    return inputs.size() + steps.size() - 1;
  }

  /** Adds an operation on one of the values, if the operation that was drawn takes it. */
  private void grow() {
    List<ValueShape> shapes = shapes();
    int recent = Math.max(0, shapes.size() - 1 - random.nextInt(3));
    int x = random.nextInt(3) == 0 ? random.nextInt(shapes.size()) : recent;
    ValueShape shape = shapes.get(x);
    switch (random.nextInt(5)) {
      case 0 -> several(x, shapes);
      case 1 -> anywhere(x, shape);
      default -> {
        if (shape.planes()) {
          onPlanes(x, shape);
        } else if (shape.sequence()) {
          onSteps(x, shape);
        } else {
          onVectors(x, shape, shapes);
        }
      }
    }
  }

  private void anywhere(int x, ValueShape shape) {
    int item = shape.channels() * positions(shape);
    int numbers = random.nextInt(3) == 0 ? 1 : random.nextBoolean() ? shape.channels() : item;
    boolean steps = shape.sequence() && !shape.planes() && random.nextBoolean();
    switch (random.nextInt(6)) {
      case 0 -> add(new Operation.PerChannel(vector(numbers), vector(numbers), activation()), x);
      case 1 -> add(new Operation.Activate(bounded()), x);
      case 2 -> add(new Operation.Slopes(vector(numbers)), x);
      case 3 -> add(new Operation.UnitNorm(1e-8f, steps), x);
      case 4 -> {
        int first = random.nextInt(shape.channels());
        add(new Operation.Channels(first, first + 1 + random.nextInt(shape.channels() - first)), x);
      }
      default -> {
        boolean width = shape.planes() && random.nextBoolean();
        Operation.Axis axis = steps ? Operation.Axis.STEPS : Operation.Axis.CHANNELS;
        add(new Operation.Softmax(width ? Operation.Axis.WIDTH : axis), x);
      }
    }
  }

  private void several(int x, List<ValueShape> shapes) {
    boolean channels = random.nextBoolean();
    List<Integer> alike =
        IntStream.range(0, shapes.size())
            .filter(i -> like(shapes.get(i), shapes.get(x), !channels))
            .boxed()
            .toList();
    Integer[] read = new Integer[2 + random.nextInt(2)];
    for (int i = 0; i < read.length; i++) {
      read[i] = alike.get(random.nextInt(alike.size()));
    }
    read[random.nextInt(read.length)] = x;
    add(
        channels
            ? new Operation.Concatenate()
            : new Operation.Combine(one(List.of(Operation.Combination.values())), activation()),
        read);
  }

  private static boolean like(ValueShape one, ValueShape other, boolean channels) {
    return one.sequence() == other.sequence()
        && one.items() == other.items()
        && one.planes() == other.planes()
        && one.depth() == other.depth()
        && one.height() == other.height()
        && one.width() == other.width()
        && (!channels || one.channels() == other.channels());
  }

  private void onPlanes(int x, ValueShape shape) {
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> {
        int outputs = 1 + random.nextInt(4);
        Window window = window(shape);
        int value =
            add(
                new Operation.Convolution(
                    matrix(outputs, shape.channels() * window.places()),
                    bias(outputs),
                    window,
                    activation()),
                x);
        ValueShape behind = shapes().get(value);
        if (random.nextBoolean() && positions(behind) > 0 && behind.width() > 0) {
          add(new Operation.Pooling(pool(), 2f, window(behind)), value);
        }
      }
      case 3 -> add(new Operation.Pooling(pool(), 1f + random.nextInt(3), window(shape)), x);
      case 4 -> add(new Operation.GlobalPooling(pool(), 2f, false), x);
      case 5 -> add(new Operation.ResponseNormalisation(2f, 1 + random.nextInt(5), 0.1f, 0.75f), x);
      case 6 -> resample(x, shape);
      case 7 -> add(new Operation.Flatten(random.nextBoolean()), x);
      default -> {
        if (!shape.sequence() && shape.depth() * shape.height() == 1) {
          add(new Operation.WidthToSteps(), x);
        }
      }
    }
  }

  private void resample(int x, ValueShape shape) {
    switch (random.nextInt(3)) {
      case 0 -> {
        List<Integer> sizes = new ArrayList<>();
        for (int side = 0; side < 6; side++) {
          int length = shape.size(side / 2);
          sizes.add(length > 2 ? random.nextInt(4) - 1 : side > 1 ? random.nextInt(2) : 0);
        }
        add(new Operation.Border(sizes), x);
      }
      case 1 ->
          add(new Operation.Upsample(List.of(1, 1 + random.nextInt(2), 1 + random.nextInt(2))), x);
      default ->
          add(new Operation.Spread(List.of(1, 1 + random.nextInt(2), 1 + random.nextInt(3))), x);
    }
  }

  private void onVectors(int x, ValueShape shape, List<ValueShape> shapes) {
    int channels = shape.channels();
    switch (random.nextInt(5)) {
      case 0, 1 -> linear(x, shape);
      case 2 ->
          add(new Operation.LayerNormalisation(vector(channels), bias(channels), activation()), x);
      case 3 -> {
        List<Integer> sequences =
            IntStream.range(0, shapes.size())
                .filter(i -> shapes.get(i).sequence())
                .boxed()
                .toList();
        if (sequences.isEmpty() || random.nextBoolean()) {
          add(new Operation.RepeatSteps(1 + random.nextInt(3)), x);
        } else {
          int like = sequences.get(random.nextInt(sequences.size()));
          add(new Operation.RepeatSteps(0), x, like);
        }
      }
      default -> unflatten(x, channels);
    }
  }

  private void linear(int x, ValueShape shape) {
    int outputs = 1 + random.nextInt(7);
    add(new Operation.Linear(matrix(outputs, shape.channels()), bias(outputs), activation()), x);
  }

  private void unflatten(int x, int channels) {
    List<Integer> sizes =
        channels % 2 == 0
            ? random.nextBoolean() ? List.of(2, 1, 1, channels / 2) : List.of(channels / 2, 1, 2, 1)
            : List.of(1, 1, 1, channels);
    add(new Operation.Unflatten(sizes, random.nextBoolean()), x);
  }

  private void onSteps(int x, ValueShape shape) {
    int channels = shape.channels();
    int units = 1 + random.nextInt(4);
    Optional<Float> masked = random.nextInt(3) == 0 ? Optional.of(MASKED) : Optional.empty();
    switch (random.nextInt(8)) {
      case 0 -> linear(x, shape);
      case 1 -> add(new Operation.LastStep(), x);
      case 2 -> {
        int value =
            add(
                new Operation.Lstm(
                    matrix(4 * units, channels),
                    matrix(4 * units, units),
                    vector(4 * units),
                    random.nextBoolean() ? vector(3 * units) : NONE,
                    bounded(),
                    bounded(),
                    masked),
                x);
        if (masked.isPresent() && random.nextBoolean()) {
          add(new Operation.LastUnmaskedStep(MASKED), value, x);
        }
      }
      case 3 ->
          add(
              new Operation.SimpleRecurrent(
                  matrix(units, channels), matrix(units, units), vector(units), bounded(), masked),
              x);
      case 4 -> add(new Operation.ReverseSteps(), x);
      case 5 -> add(new Operation.GlobalPooling(pool(), 2f, true), x);
      case 6 -> add(new Operation.StepsToWidth(), x);
      default -> unflatten(x, channels);
    }
  }
}
