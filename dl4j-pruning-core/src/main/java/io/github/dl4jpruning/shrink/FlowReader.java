package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.shrink.Flow.Combination;
import io.github.dl4jpruning.shrink.FlowBuilder.Activations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/** Reads a network into a {@link Flow}: its vertices and preprocessors. */
final class FlowReader {

  /** DL4J's default channel axis, after the axis of examples. */
  private static final int FIRST = 1;

  private final FlowBuilder flow;
  private final LayerReader layers;

  private FlowReader(FlowBuilder flow) {
    this.flow = flow;
    this.layers = new LayerReader(flow);
  }

  /**
   * The result of reading a network.
   *
   * @param flow the flow
   * @param builder holds the edits
   */
  record Reading(Flow flow, FlowBuilder builder) {}

  static Reading read(NetworkTopology topology, NetworkParameters network) {
    FlowBuilder builder = new FlowBuilder(network);
    FlowReader reader = new FlowReader(builder);
    List<Activations> sources = new ArrayList<>();
    for (int i = 0; i < topology.inputs(); i++) {
      sources.add(new Activations(builder.add("", Flow.UNKNOWN, new Flow.Source()), 0, false));
    }
    for (NetworkTopology.Node node : topology.nodes()) {
      Activations[] in = node.sources().stream().map(sources::get).toArray(Activations[]::new);
      sources.add(reader.read(node.name(), node.configuration(), node.preProcessor(), in));
    }
    List<Integer> outputs =
        topology.outputs().stream().map(output -> sources.get(output).node()).toList();
    return new Reading(builder.build(outputs), builder);
  }

  private Activations read(
      String part,
      Object configuration,
      Optional<InputPreProcessor> preProcessor,
      Activations... in) {
    if (configuration instanceof Layer layer) {
      Activations prepared =
          preProcessor.map(first -> preprocessed(part, first, p -> p, in[0])).orElse(in[0]);
      return layers.read(part, layer, c -> (Layer) c, "", prepared);
    } else if (configuration instanceof FrozenVertex frozen) {
      return frozen.getUnderlying() instanceof LayerVertex vertex
          ? read(
              part,
              vertex.getLayerConf().getLayer(),
              Optional.ofNullable(vertex.getPreProcessor()),
              in)
          : read(part, frozen.getUnderlying(), Optional.empty(), in);
    }
    // By exact class, because the behaviour of a subclass is not known.
    Class<?> type = configuration.getClass();
    if (type == ElementWiseVertex.class) {
      return combined(part, how(((ElementWiseVertex) configuration).getOp()), in);
    } else if (type == StackVertex.class) {
      // Shorter sequences are padded with zeros.
      return flow.zerosAmong(part, combined(part, Combination.EITHER, in));
    } else if (type == MergeVertex.class) {
      return merged(part, ((MergeVertex) configuration).getMergeAxis(), in);
    } else if (type == SubsetVertex.class) {
      return subset(part, (SubsetVertex) configuration, in[0]);
    } else if (type == ScaleVertex.class) {
      double factor = ((ScaleVertex) configuration).getScaleFactor();
      return flow.step(part, new Flow.Scalar(c -> factor * c), in[0]);
    } else if (type == ShiftVertex.class) {
      double term = ((ShiftVertex) configuration).getShiftFactor();
      return flow.step(part, new Flow.Scalar(c -> c + term), in[0]);
    } else if (type == PreprocessorVertex.class) {
      return preprocessedInVertex(part, (PreprocessorVertex) configuration, in[0]);
    } else if (type == PoolHelperVertex.class) {
      return flow.step(part, new Flow.Spatial(true, true), in[0]);
    } else if (type == UnstackVertex.class) {
      return in[0];
    } else if (type == DuplicateToTimeSeriesVertex.class) {
      return in[0].along(FIRST).inSteps(true);
    } else if (in[0].axis() <= FIRST && type == ReverseTimeSeriesVertex.class) {
      return in[0];
    } else if (in[0].axis() <= FIRST && type == LastTimeStepVertex.class) {
      return in[0].along(FIRST).inSteps(false);
    }
    return flow.opaque(part, configuration.getClass().getSimpleName(), Flow.UNKNOWN, in);
  }

  private static Combination how(ElementWiseVertex.Op op) {
    return switch (op) {
      case Add -> Combination.ADD;
      case Subtract -> Combination.SUBTRACT;
      case Product -> Combination.PRODUCT;
      case Average -> Combination.AVERAGE;
      case Max -> Combination.MAX;
    };
  }

  private Activations combined(String part, Combination how, Activations... in) {
    if (in.length == 1) {
      return in[0];
    }
    int width = Arrays.stream(in).mapToInt(flow::width).max().orElseThrow();
    if (Arrays.stream(in).anyMatch(a -> flow.width(a) == Flow.UNKNOWN)) {
      return flow.opaque(part, "", width, in);
    } else if (Arrays.stream(in).anyMatch(a -> flow.width(a) != width)) {
      return flow.opaque(part, "different widths are broadcast", width, in);
    }
    int[] nodes = Arrays.stream(in).mapToInt(Activations::node).toArray();
    Activations out = in[0].at(flow.add(part, width, new Flow.Combine(how), nodes));
    return amongSteps(part, out, in);
  }

  /**
   * One sequence may be masked (zero) where the other is not, so only zeros are certain to stay.
   */
  private Activations amongSteps(String part, Activations out, Activations... in) {
    boolean steps = Arrays.stream(in).anyMatch(Activations::steps);
    return steps ? flow.zerosAmong(part, out.inSteps(true)) : out;
  }

  private Activations merged(String part, int axis, Activations... in) {
    if (in.length == 1) {
      return in[0];
    }
    boolean known = Arrays.stream(in).allMatch(a -> flow.width(a) != Flow.UNKNOWN);
    if (!known) {
      return flow.opaque(part, "", Flow.UNKNOWN, in);
    } else if (Arrays.stream(in).anyMatch(a -> a.axis() != 0 && a.axis() != axis)) {
      return flow.opaque(part, "merges along another axis than channels", Flow.UNKNOWN, in);
    }
    int[] nodes = Arrays.stream(in).mapToInt(Activations::node).toArray();
    int width = flow.room(part, Arrays.stream(in).mapToLong(flow::width).sum());
    Activations out =
        new Activations(flow.add(part, width, new Flow.Concat(), nodes), axis, in[0].steps());
    return amongSteps(part, out, in);
  }

  private Activations subset(String part, SubsetVertex subset, Activations in) {
    boolean within =
        0 <= subset.getFrom()
            && subset.getFrom() <= subset.getTo()
            && subset.getTo() < flow.width(in);
    if (in.axis() > FIRST || flow.width(in) == Flow.UNKNOWN || !within) {
      return flow.opaque(part, in.axis() > FIRST ? "not along channels" : "", Flow.UNKNOWN, in);
    }
    int from = subset.getFrom();
    int to = subset.getTo() + 1;
    flow.edit(
        part,
        (configuration, preProcessor, widths) -> {
          SubsetVertex vertex = (SubsetVertex) unfrozen(configuration);
          vertex.setFrom(widths.ofFirst(in.node(), from));
          vertex.setTo(widths.ofFirst(in.node(), to) - 1);
        });
    int[] range = new int[to - from];
    Arrays.setAll(range, i -> from + i);
    return in.at(flow.add(part, to - from, new Flow.Gather(range), in.node()));
  }

  static Object unfrozen(Object configuration) {
    return configuration instanceof FrozenVertex frozen
        ? unfrozen(frozen.getUnderlying())
        : configuration;
  }

  private Activations preprocessedInVertex(String part, PreprocessorVertex vertex, Activations in) {
    int first = flow.edits().getOrDefault(part, List.of()).size();
    Activations out = preprocessed(part, vertex.getPreProcessor(), p -> p, in);
    List<FlowBuilder.Edit> edits = flow.edits().getOrDefault(part, List.of());
    for (int e = first; e < edits.size(); e++) {
      FlowBuilder.Edit inner = edits.get(e);
      edits.set(
          e,
          (configuration, none, widths) ->
              inner.apply(
                  configuration,
                  Optional.of(((PreprocessorVertex) unfrozen(configuration)).getPreProcessor()),
                  widths));
    }
    return out;
  }

  /** Finds a preprocessor nested in another one. */
  @FunctionalInterface
  private interface Path {
    InputPreProcessor in(InputPreProcessor outermost);
  }

  private Activations preprocessed(
      String part, InputPreProcessor preProcessor, Path path, Activations in) {
    Class<?> type = preProcessor.getClass();
    if (type == ComposableInputPreProcessor.class) {
      return oneAfterTheOther(part, (ComposableInputPreProcessor) preProcessor, path, in);
    } else if (type == RnnToFeedForwardPreProcessor.class) {
      return in.along(FIRST).inSteps(true);
    } else if (type == FeedForwardToRnnPreProcessor.class) {
      FeedForwardToRnnPreProcessor rnn = (FeedForwardToRnnPreProcessor) preProcessor;
      return in.along(rnn.getRnnDataFormat() == RNNFormat.NWC ? 2 : FIRST).inSteps(true);
    } else if (type == FeedForwardToCnnPreProcessor.class) {
      FeedForwardToCnnPreProcessor image = (FeedForwardToCnnPreProcessor) preProcessor;
      return unflattened(part, preProcessor, Math.toIntExact(image.getNumChannels()), in);
    } else if (type == FeedForwardToCnn3DPreProcessor.class) {
      FeedForwardToCnn3DPreProcessor volume = (FeedForwardToCnn3DPreProcessor) preProcessor;
      return unflattened(part, preProcessor, volume.getNumChannels(), in);
    } else if (type == RnnToCnnPreProcessor.class) {
      RnnToCnnPreProcessor image = (RnnToCnnPreProcessor) preProcessor;
      return unflattened(part, preProcessor, image.getNumChannels(), in);
    }
    return flattenedBy(preProcessor, part, path, in)
        .orElseGet(
            () -> flow.opaque(part, preProcessor.getClass().getSimpleName(), Flow.UNKNOWN, in));
  }

  private Activations oneAfterTheOther(
      String part, ComposableInputPreProcessor several, Path path, Activations in) {
    Activations activations = in;
    for (int i = 0; i < several.getInputPreProcessors().length; i++) {
      int index = i;
      Path inner =
          outer -> ((ComposableInputPreProcessor) path.in(outer)).getInputPreProcessors()[index];
      activations = preprocessed(part, several.getInputPreProcessors()[i], inner, activations);
    }
    return activations;
  }

  /** Handles preprocessors that flatten channels and positions into one axis. */
  private Optional<Activations> flattenedBy(
      InputPreProcessor preProcessor, String part, Path path, Activations in) {
    Class<?> type = preProcessor.getClass();
    if (type == CnnToFeedForwardPreProcessor.class) {
      CnnToFeedForwardPreProcessor flat = (CnnToFeedForwardPreProcessor) preProcessor;
      boolean last = flat.getFormat() == CNN2DFormat.NHWC;
      long positions = flat.getInputHeight() * flat.getInputWidth();
      return Optional.of(
          flattened(
              part,
              in,
              flat.getNumChannels(),
              positions,
              last,
              (p, width) -> ((CnnToFeedForwardPreProcessor) path.in(p)).setNumChannels(width)));
    } else if (type == Cnn3DToFeedForwardPreProcessor.class) {
      Cnn3DToFeedForwardPreProcessor flat = (Cnn3DToFeedForwardPreProcessor) preProcessor;
      long positions = flat.getInputDepth() * flat.getInputHeight() * flat.getInputWidth();
      return Optional.of(
          flattened(
              part,
              in,
              flat.getNumChannels(),
              positions,
              !flat.isNCDHW(),
              (p, width) -> ((Cnn3DToFeedForwardPreProcessor) path.in(p)).setNumChannels(width)));
    } else if (type == CnnToRnnPreProcessor.class) {
      CnnToRnnPreProcessor flat = (CnnToRnnPreProcessor) preProcessor;
      return Optional.of(
          flattened(
                  part,
                  in,
                  flat.getNumChannels(),
                  flat.getInputHeight() * flat.getInputWidth(),
                  false,
                  (p, width) -> ((CnnToRnnPreProcessor) path.in(p)).setNumChannels(width))
              .along(flat.getRnnDataFormat() == RNNFormat.NWC ? 2 : FIRST)
              .inSteps(true));
    }
    return Optional.empty();
  }

  /** Sets a new number of channels in a preprocessor. */
  @FunctionalInterface
  private interface ChannelCount {
    void set(InputPreProcessor outermost, int channels);
  }

  private Activations flattened(
      String part,
      Activations in,
      long numChannels,
      long positions,
      boolean channelsLast,
      ChannelCount count) {
    int channels = Math.toIntExact(numChannels);
    if (channels == 0 || positions == 0) { // then it takes its sizes from the first input
      return flow.opaque(part, "flattened with sizes unknown", Flow.UNKNOWN, in);
    }
    Activations known = flow.expect(part, in, channels);
    flow.edit(
        part,
        (configuration, preProcessor, widths) ->
            count.set(preProcessor.orElseThrow(), widths.of(known.node())));
    int each = Math.toIntExact(positions);
    int[] from = new int[flow.room(part, Math.multiplyExact((long) channels, each))];
    IntUnaryOperator channel = channelsLast ? i -> i % channels : i -> i / each;
    Arrays.setAll(from, channel);
    int node = flow.add(part, from.length, new Flow.Gather(from), known.node());
    return new Activations(node, FIRST, in.steps());
  }

  private Activations unflattened(
      String part, InputPreProcessor preProcessor, int channels, Activations in) {
    boolean fromData = flow.width(in) == Flow.UNKNOWN;
    String why = fromData ? "" : preProcessor.getClass().getSimpleName();
    return flow.opaque(part, why, channels, in).along(FIRST);
  }
}
