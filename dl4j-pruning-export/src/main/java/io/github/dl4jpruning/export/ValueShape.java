package io.github.dl4jpruning.export;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of one value of a plan, for one sample.
 *
 * @param sequence whether there is an item for each time step; their number is not known
 * @param planes whether an item is planes, not a vector
 * @param channels the number of channels
 * @param depth positions of a plane; 1 for vectors
 * @param height likewise
 * @param width likewise; {@link #ANY} where it depends on the number of time steps
 */
public record ValueShape(
    boolean sequence, boolean planes, int channels, int depth, int height, int width) {

  /** A size that depends on the length of a sequence. */
  public static final int ANY = -1;

  /**
   * Computes the shapes of all values of a plan.
   *
   * @param plan a plan whose operations fit together
   * @return the shapes of the inputs, then those of the steps
   */
  public static List<ValueShape> of(InferencePlan plan) {
    List<ValueShape> shapes = new ArrayList<>();
    for (InferencePlan.Input input : plan.inputs()) {
      List<Integer> sizes = input.sizes();
      shapes.add(
          new ValueShape(
              input.form() == InferencePlan.Form.SEQUENCE,
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
      return vectors(first.sequence, embedding.words().columns());
    } else if (operation instanceof Operation.Lstm lstm) {
      return vectors(true, lstm.recurrent().columns());
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      return vectors(true, simple.recurrent().columns());
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      return vectors(first.sequence && !pooling.overSteps(), first.channels);
    } else if (operation instanceof Operation.Concatenate) {
      return first.withChannels(in.stream().mapToInt(ValueShape::channels).sum());
    } else if (operation instanceof Operation.Channels channels) {
      return first.withChannels(channels.end() - channels.first());
    }
    return arranged(operation, first);
  }

  /** Operations that leave channels alone, or give positions and steps another meaning. */
  private static ValueShape arranged(Operation operation, ValueShape in) {
    if (operation instanceof Operation.Border border) {
      List<Integer> sizes = border.sizes();
      return in.withPositions((axis, size) -> size + sizes.get(2 * axis) + sizes.get(2 * axis + 1));
    } else if (operation instanceof Operation.Upsample upsample) {
      return in.withPositions((axis, size) -> size * upsample.times().get(axis));
    } else if (operation instanceof Operation.Spread spread) {
      return in.withPositions((axis, size) -> (size - 1) * spread.distances().get(axis) + 1);
    } else if (operation instanceof Operation.LastStep
        || operation instanceof Operation.LastUnmaskedStep) {
      return in.inSteps(false);
    } else if (operation instanceof Operation.RepeatSteps) {
      return in.inSteps(true);
    } else if (operation instanceof Operation.Flatten) {
      return vectors(in.sequence, in.channels * in.depth * in.height * in.width);
    } else if (operation instanceof Operation.Unflatten unflatten) {
      List<Integer> sizes = unflatten.sizes();
      return new ValueShape(
          in.sequence, true, sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3));
    } else if (operation instanceof Operation.StepsToWidth) {
      return new ValueShape(false, true, in.channels, 1, 1, in.sequence ? ANY : 1);
    } else if (operation instanceof Operation.WidthToSteps) {
      return vectors(true, in.channels);
    }
    return in;
  }

  private static ValueShape vectors(boolean sequence, int channels) {
    return new ValueShape(sequence, false, channels, 1, 1, 1);
  }

  private ValueShape withChannels(int other) {
    return new ValueShape(sequence, planes, other, depth, height, width);
  }

  private ValueShape inSteps(boolean steps) {
    return new ValueShape(steps, planes, channels, depth, height, width);
  }

  private ValueShape behind(Window window) {
    return withPositions(window::output);
  }

  private interface Length {
    int of(int axis, int size);
  }

  private ValueShape withPositions(Length length) {
    int w = width == ANY ? ANY : length.of(2, width);
    return new ValueShape(sequence, planes, channels, length.of(0, depth), length.of(1, height), w);
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
