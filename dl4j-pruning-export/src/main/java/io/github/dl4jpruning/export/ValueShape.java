package io.github.dl4jpruning.export;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of one value of a plan, for one sample.
 *
 * @param sequence whether there is an item for each time step
 * @param items the number of items: 1 unless this is a sequence; {@link #ANY} if it is not known
 * @param planes whether an item is planes, not a vector
 * @param channels the number of channels
 * @param depth positions of a plane; 1 for vectors
 * @param height likewise
 * @param width likewise; {@link #ANY} where it depends on the number of time steps
 */
public record ValueShape(
    boolean sequence, int items, boolean planes, int channels, int depth, int height, int width) {

  /** A size that depends on the length of a sequence. */
  public static final int ANY = -1;

  /**
   * Computes the shapes of all values of a plan for sequences of any length.
   *
   * @param plan a plan whose operations fit together
   * @return the shapes of the inputs, then those of the steps
   */
  public static List<ValueShape> of(InferencePlan plan) {
    return of(plan, ANY);
  }

  /**
   * Computes the shapes of all values of a plan.
   *
   * @param plan a plan whose operations fit together
   * @param timeSteps the number of time steps of each input that is a sequence, or {@link #ANY}
   * @return the shapes of the inputs, then those of the steps
   */
  public static List<ValueShape> of(InferencePlan plan, int timeSteps) {
    List<ValueShape> shapes = new ArrayList<>();
    for (InferencePlan.Input input : plan.inputs()) {
      List<Integer> sizes = input.sizes();
      shapes.add(
          new ValueShape(
              input.form() == InferencePlan.Form.SEQUENCE,
              input.form() == InferencePlan.Form.SEQUENCE ? timeSteps : 1,
              input.form() == InferencePlan.Form.PLANES,
              sizes.get(0),
              sizes.get(1),
              sizes.get(2),
              sizes.get(3)));
    }
    for (InferencePlan.Step step : plan.steps()) {
      shapes.add(of(step.operation(), step.inputs().stream().map(shapes::get).toList()));
    }
    return shapes;
  }

  private static ValueShape of(Operation operation, List<ValueShape> in) {
    ValueShape first = in.get(0);
    if (operation instanceof Operation.Linear linear) {
      return first.withChannels(linear.weights().rows());
    } else if (operation instanceof Operation.Convolution convolution) {
      return first.behind(convolution.window()).withChannels(convolution.weights().rows());
    } else if (operation instanceof Operation.Pooling pooling) {
      return first.behind(pooling.window());
    } else if (operation instanceof Operation.Embedding embedding) {
      return first.asVectors(embedding.words().columns());
    } else if (operation instanceof Operation.Lstm lstm) {
      return first.inSteps(true, first.items).asVectors(lstm.recurrent().columns());
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      return first.inSteps(true, first.items).asVectors(simple.recurrent().columns());
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      return pooling.overSteps()
          ? first.inSteps(false, 1).asVectors(first.channels)
          : first.asVectors(first.channels);
    } else if (operation instanceof Operation.Concatenate) {
      return first.withChannels(in.stream().mapToInt(ValueShape::channels).sum());
    } else if (operation instanceof Operation.Channels channels) {
      return first.withChannels(channels.end() - channels.first());
    }
    return arranged(operation, in);
  }

  /** Operations that leave channels alone, or give positions and steps another meaning. */
  private static ValueShape arranged(Operation operation, List<ValueShape> all) {
    ValueShape in = all.get(0);
    if (operation instanceof Operation.Border border) {
      List<Integer> sizes = border.sizes();
      return in.withPositions((axis, size) -> size + sizes.get(2 * axis) + sizes.get(2 * axis + 1));
    } else if (operation instanceof Operation.Upsample upsample) {
      return in.withPositions((axis, size) -> size * upsample.times().get(axis));
    } else if (operation instanceof Operation.Spread spread) {
      return in.withPositions((axis, size) -> (size - 1) * spread.distances().get(axis) + 1);
    } else if (operation instanceof Operation.LastStep
        || operation instanceof Operation.LastUnmaskedStep) {
      return in.inSteps(false, 1);
    } else if (operation instanceof Operation.RepeatSteps repeat) {
      return in.inSteps(true, repeat.times() > 0 ? repeat.times() : all.get(1).items);
    } else if (operation instanceof Operation.Flatten) {
      return in.asVectors(in.channels * in.depth * in.height * in.width);
    } else if (operation instanceof Operation.Unflatten unflatten) {
      List<Integer> sizes = unflatten.sizes();
      return new ValueShape(
          in.sequence, in.items, true, sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3));
    } else if (operation instanceof Operation.StepsToWidth) {
      return new ValueShape(false, 1, true, in.channels, 1, 1, in.items);
    } else if (operation instanceof Operation.WidthToSteps) {
      return new ValueShape(true, in.width, false, in.channels, 1, 1, 1);
    }
    return in;
  }

  private ValueShape asVectors(int size) {
    return new ValueShape(sequence, items, false, size, 1, 1, 1);
  }

  private ValueShape withChannels(int other) {
    return new ValueShape(sequence, items, planes, other, depth, height, width);
  }

  private ValueShape inSteps(boolean steps, int number) {
    return new ValueShape(steps, number, planes, channels, depth, height, width);
  }

  private ValueShape behind(Window window) {
    return withPositions(window::output);
  }

  private interface Length {
    int of(int axis, int size);
  }

  private ValueShape withPositions(Length length) {
    int w = width == ANY ? ANY : length.of(2, width);
    return new ValueShape(
        sequence, items, planes, channels, length.of(0, depth), length.of(1, height), w);
  }

  /**
   * The size along an axis.
   *
   * @param axis 0 for the depth, 1 for the height, 2 for the width
   * @return the number of positions, or {@link #ANY}
   */
  public int size(int axis) {
    return axis == 0 ? depth : axis == 1 ? height : width;
  }
}
