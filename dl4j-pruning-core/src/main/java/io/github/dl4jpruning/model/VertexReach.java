package io.github.dl4jpruning.model;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;

/** Computes the reach after the vertices of a graph that are not layers. */
final class VertexReach {

  private VertexReach() {}

  static Reach behind(GraphVertex vertex, int index, List<Reach> in) {
    Reach first = in.get(0);
    if (vertex instanceof PreprocessorVertex preprocessor) {
      return first.through(preprocessor.getPreProcessor());
    } else if (vertex instanceof StackVertex) {
      // Shorter sequences are padded.
      long longest = most(in, VertexReach::steps);
      InputType type = in.stream().filter(r -> steps(r) == longest).findFirst().get().type();
      return new Reach(type, in.stream().mapToLong(Reach::times).sum());
    } else if (vertex instanceof UnstackVertex part) {
      return new Reach(first.type(), first.times() / part.getStackSize());
    } else if (vertex instanceof SubsetVertex part) {
      return new Reach(subset(first.type(), part.getTo() - part.getFrom() + 1), first.times());
    } else if (vertex instanceof ReshapeVertex reshape) {
      return reshaped(first, reshape, index);
    }
    InputType[] types = in.stream().map(Reach::type).toArray(InputType[]::new);
    // A clone, since a merge stores the types that it is asked about.
    InputType told = vertex.clone().getOutputType(index, types.clone());
    if (vertex instanceof PoolHelperVertex && told instanceof InputTypeConvolutional image) {
      // It drops the first row and column.
      told = image(image, image.getHeight() - 1, image.getWidth() - 1);
    } else if (vertex instanceof MergeVertex merge) {
      told = merged(told, merge.getMergeAxis(), types);
    }
    return new Reach(told, most(in, Reach::times));
  }

  private static long steps(Reach reach) {
    return reach.type() instanceof InputTypeRecurrent sequence ? sequence.getTimeSeriesLength() : 1;
  }

  private static long most(List<Reach> in, ToLongFunction<Reach> of) {
    return in.stream().mapToLong(of).max().orElseThrow();
  }

  /** DL4J drops the sequence length, and counts channels backwards. */
  private static InputType subset(InputType of, long size) {
    if (of instanceof InputTypeRecurrent sequence) {
      return InputType.recurrent(size, sequence.getTimeSeriesLength(), sequence.getFormat());
    } else if (of instanceof InputTypeConvolutional image) {
      return InputType.convolutional(image.getHeight(), image.getWidth(), size, image.getFormat());
    }
    return InputType.feedForward(size);
  }

  private static InputType image(InputTypeConvolutional type, long height, long width) {
    return InputType.convolutional(height, width, type.getChannels(), type.getFormat());
  }

  /** DL4J treats every merge as a merge of channels. */
  private static InputType merged(InputType told, int axis, InputType... types) {
    if (types.length > 1 && told instanceof InputTypeConvolutional out) {
      InputTypeConvolutional first = (InputTypeConvolutional) types[0];
      int height = out.getFormat() == CNN2DFormat.NHWC ? 1 : 2;
      if (axis == height) {
        return image(
            first, sum(types, t -> ((InputTypeConvolutional) t).getHeight()), first.getWidth());
      } else if (axis == height + 1) {
        return image(
            first, first.getHeight(), sum(types, t -> ((InputTypeConvolutional) t).getWidth()));
      }
    } else if (types.length > 1
        && told instanceof InputTypeRecurrent
        && Arrays.stream(types).allMatch(VertexReach::isOfKnownLength)) {
      InputTypeRecurrent first = (InputTypeRecurrent) types[0];
      if (axis == (first.getFormat() == RNNFormat.NWC ? 1 : 2)) {
        return Reach.withSteps(
            first, sum(types, t -> ((InputTypeRecurrent) t).getTimeSeriesLength()));
      }
    }
    return told;
  }

  private static boolean isOfKnownLength(InputType type) {
    return type instanceof InputTypeRecurrent sequence && sequence.getTimeSeriesLength() > 0;
  }

  private static long sum(InputType[] types, ToLongFunction<InputType> of) {
    return Arrays.stream(types).mapToLong(of).sum();
  }

  /** Reshaping keeps the number of elements, which determines the number of resulting examples. */
  private static Reach reshaped(Reach in, ReshapeVertex vertex, int index) {
    int[] shape = vertex.getNewShape();
    InputType type =
        shape.length == 3
            ? InputType.recurrent(shape[1], shape[2])
            : vertex.clone().getOutputType(index, in.type());
    long each = 1;
    for (int axis = 1; axis < shape.length; axis++) {
      each *= shape[axis];
    }
    long all = in.times() * Reach.elements(in.type());
    if (each <= 0 || all % each != 0) {
      throw new IllegalArgumentException("its output for one example depends on the batch");
    }
    return new Reach(type, all / each);
  }
}
