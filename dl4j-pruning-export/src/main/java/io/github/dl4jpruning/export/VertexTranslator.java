package io.github.dl4jpruning.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.Layer;

/** Translates vertices into steps. It compares exact classes. */
final class VertexTranslator {

  private final PlanBuilder plan;
  private final List<String> inputNames;
  private final List<Flowing> sources;
  private final LayerTranslator layers;
  private final PreprocessorTranslator preprocessors;

  VertexTranslator(PlanBuilder plan, List<String> inputNames, List<Flowing> sources) {
    this.plan = plan;
    this.inputNames = inputNames;
    this.sources = sources;
    this.layers = new LayerTranslator(plan);
    this.preprocessors = new PreprocessorTranslator(plan);
  }

  Flowing read(Object configuration, Optional<InputPreProcessor> preProcessor, Flowing... in) {
    if (configuration instanceof Layer layer) {
      return layers.read(layer, "", preprocessors.read(preProcessor, in[0]));
    } else if (configuration instanceof FrozenVertex frozen) {
      return frozen.getUnderlying() instanceof LayerVertex vertex
          ? read(
              vertex.getLayerConf().getLayer(), Optional.ofNullable(vertex.getPreProcessor()), in)
          : read(frozen.getUnderlying(), preProcessor, in);
    }
    Class<?> type = configuration.getClass();
    if (type == ElementWiseVertex.class) {
      return combined((ElementWiseVertex) configuration, in);
    } else if (type == MergeVertex.class) {
      return in.length == 1 ? in[0] : merged((MergeVertex) configuration, in);
    } else if (type == StackVertex.class) {
      List<Integer> values = new ArrayList<>();
      Arrays.stream(in).forEach(f -> values.addAll(f.values()));
      return in[0].at(values);
    } else if (type == UnstackVertex.class) {
      UnstackVertex unstack = (UnstackVertex) configuration;
      int size = in[0].values().size() / unstack.getStackSize();
      int from = unstack.getFrom() * size;
      return in[0].at(in[0].values().subList(from, from + size));
    } else if (type == SubsetVertex.class) {
      return subset((SubsetVertex) configuration, in[0]);
    } else if (type == ScaleVertex.class) {
      return scaled(((ScaleVertex) configuration).getScaleFactor(), 0.0, in[0]);
    } else if (type == ShiftVertex.class) {
      return scaled(1.0, ((ShiftVertex) configuration).getShiftFactor(), in[0]);
    } else if (type == PreprocessorVertex.class) {
      return preprocessors.read(((PreprocessorVertex) configuration).getPreProcessor(), in[0]);
    }
    return inTime(configuration, in);
  }

  private Flowing inTime(Object configuration, Flowing... in) {
    Class<?> type = configuration.getClass();
    if (type == LastTimeStepVertex.class) {
      return plan.add(new Operation.LastStep(), in[0]).asVectors(false);
    } else if (type == ReverseTimeSeriesVertex.class) {
      return plan.add(new Operation.ReverseSteps(), in[0]);
    } else if (type == DuplicateToTimeSeriesVertex.class) {
      String name = ((DuplicateToTimeSeriesVertex) configuration).getInputName();
      Flowing steps = sources.get(inputNames.indexOf(name));
      return plan.join(new Operation.RepeatSteps(0), in[0], steps)
          .asVectors(true)
          .withChannelsLast(false);
    } else if (type == L2NormalizeVertex.class) {
      return unitNorm((L2NormalizeVertex) configuration, in[0]);
    } else if (type == PoolHelperVertex.class) {
      return plan.add(new Operation.Border(List.of(0, 0, -1, 0, -1, 0)), in[0]);
    } else if (type == ReshapeVertex.class) {
      return reshaped((ReshapeVertex) configuration, in[0]);
    }
    throw plan.unsupported("a " + type.getSimpleName());
  }

  private Flowing unitNorm(L2NormalizeVertex vertex, Flowing in) {
    int[] dimensions = vertex.getDimension();
    int[] all = IntStream.rangeClosed(1, dimensions == null ? 0 : dimensions.length).toArray();
    boolean sequence = in.steps() && !in.folded();
    int least = in.planes() ? 3 : sequence ? 2 : 1;
    boolean whole = dimensions == null || dimensions.length == 0;
    if (!whole && (!Arrays.equals(dimensions, all) || all.length < least)) {
      throw plan.unsupported("a norm over the dimensions " + Arrays.toString(dimensions));
    } else if (sequence && in.planes()) {
      throw plan.unsupported("a norm of a sequence of planes");
    }
    return plan.add(new Operation.UnitNorm((float) vertex.getEps(), sequence), in);
  }

  private Flowing combined(ElementWiseVertex vertex, Flowing... in) {
    if (in.length == 1) {
      return in[0];
    }
    Operation.Combination how =
        switch (vertex.getOp()) {
          case Add -> Operation.Combination.ADD;
          case Subtract -> Operation.Combination.SUBTRACT;
          case Product -> Operation.Combination.PRODUCT;
          case Average -> Operation.Combination.AVERAGE;
          case Max -> Operation.Combination.MAX;
        };
    return plan.join(new Operation.Combine(how, Activation.IDENTITY), in);
  }

  private Flowing merged(MergeVertex vertex, Flowing... in) {
    int axis = vertex.getMergeAxis();
    int rank = in[0].planes() ? 4 : in[0].steps() && !in[0].folded() ? 3 : 2;
    int channels = in[0].channelsLast() && rank > 2 ? rank - 1 : 1;
    boolean volumes = in[0].planes() && axis == 4;
    if (axis != channels && axis - rank != channels - rank && !volumes) {
      throw plan.unsupported("a merge along axis " + axis + " instead of channels");
    }
    return plan.join(new Operation.Concatenate(), in);
  }

  private Flowing subset(SubsetVertex subset, Flowing in) {
    if (in.channelsLast() && (in.planes() || in.steps())) {
      throw plan.unsupported("a subset of an array with channels last");
    }
    return plan.add(new Operation.Channels(subset.getFrom(), subset.getTo() + 1), in);
  }

  private Flowing scaled(double scale, double shift, Flowing in) {
    return plan.add(
        new Operation.PerChannel(
            Matrix.vector((float) scale), Matrix.vector((float) shift), Activation.IDENTITY),
        in);
  }

  private Flowing reshaped(ReshapeVertex vertex, Flowing in) {
    int[] shape = vertex.getNewShape();
    if (vertex.getReshapeOrder() != 'c' || in.steps()) {
      throw plan.unsupported("a reshape " + Arrays.toString(shape));
    }
    if (shape.length == 2 && in.planes()) {
      Flowing ordered = plan.add(new Operation.Flatten(in.channelsLast()), in);
      return ordered.asVectors(false).withChannelsLast(false);
    } else if (shape.length == 4 && !in.planes() && shape[1] > 0) {
      List<Integer> sizes = List.of(shape[1], 1, shape[2], shape[3]);
      return plan.add(new Operation.Unflatten(sizes, false), in).asPlanes(false);
    } else if (shape.length == 2) {
      return in;
    }
    throw plan.unsupported("a reshape " + Arrays.toString(shape));
  }
}
