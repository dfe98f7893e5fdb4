package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BasePretrainNetwork;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/**
 * At how many positions each weight of a network is multiplied for one example: once in a
 * perceptron, at each pixel of its output in a convolution, in each time step in a recurrent layer.
 * The weights of a tensor times this are its MACs (multiply-accumulate operations).
 */
public final class Positions {

  private final NetworkTopology topology;

  /** By source; null where it is not known. */
  private final List<Reach> sources = new ArrayList<>();

  /** By node: what the layer itself reads, behind its preprocessor. */
  private final List<Reach> read = new ArrayList<>();

  private Positions(NetworkTopology topology, InputType... inputs) {
    this.topology = topology;
    for (int source = 0; source < topology.inputs(); source++) {
      InputType type = inputs.length > 0 ? inputs[source] : guess(source);
      sources.add(type == null ? null : new Reach(type, 1));
    }
    for (int i = 0; i < topology.nodes().size(); i++) {
      NetworkTopology.Node node = topology.nodes().get(i);
      Reach[] in = node.sources().stream().map(sources::get).toArray(Reach[]::new);
      read.add(null);
      sources.add(known(in) ? output(i, node, in) : null);
    }
  }

  /**
   * Looks through a network.
   *
   * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @param inputs the types of its inputs; none to take what can be told from the network itself.
   *     Where a length of sequences is not known, it counts for one time step
   * @return for the name of each weight tensor, at how many positions it is used; without those for
   *     which it is not known
   * @throws IllegalArgumentException if there is not one type for each input
   */
  public static Map<String, Long> of(Model network, InputType... inputs) {
    NetworkTopology topology = NetworkTopology.of(network);
    if (inputs.length > 0 && inputs.length != topology.inputs()) {
      throw new IllegalArgumentException(
          "expected one type for each of "
              + topology.inputs()
              + " inputs of the network, but found "
              + inputs.length);
    }
    Positions positions = new Positions(topology, inputs);
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < topology.nodes().size(); i++) {
      numbers.put(topology.nodes().get(i).name(), i);
    }
    Map<String, Long> found = new HashMap<>();
    for (PrunableParameter parameter : NetworkParameters.of(network).parameters()) {
      if (parameter.role() == Role.WEIGHT) {
        positions
            .of(numbers.get(parameter.layer()))
            .ifPresent(count -> found.put(parameter.name(), count));
      }
    }
    return found;
  }

  /** What can be told of an input from the first that reads it. */
  private InputType guess(int source) {
    Optional<NetworkTopology.Node> reader =
        topology.nodes().stream().filter(node -> node.sources().contains(source)).findFirst();
    if (reader.isEmpty()) {
      return null;
    }
    InputPreProcessor preProcessor = reader.get().preProcessor();
    Object layer = ParameterKinds.Owner.innermost(reader.get().configuration());
    if (preProcessor instanceof FeedForwardToCnnPreProcessor image) {
      return InputType.convolutionalFlat(
          image.getInputHeight(), image.getInputWidth(), image.getNumChannels());
    } else if (layer instanceof BaseRecurrentLayer recurrent) {
      return InputType.recurrent(recurrent.getNIn());
    } else if (layer instanceof ConvolutionLayer) {
      return null;
    } else if (layer instanceof FeedForwardLayer plain && plain.getNIn() > 0) {
      boolean sequence = preProcessor instanceof RnnToFeedForwardPreProcessor;
      return sequence ? InputType.recurrent(plain.getNIn()) : InputType.feedForward(plain.getNIn());
    }
    return null;
  }

  private static boolean known(Reach... reaches) {
    return Arrays.stream(reaches).noneMatch(Objects::isNull);
  }

  private Reach output(int index, NetworkTopology.Node node, Reach... in) {
    try {
      Object configuration = node.configuration();
      InputPreProcessor preProcessor = node.preProcessor();
      while (configuration instanceof FrozenVertex frozen) {
        configuration = frozen.getUnderlying();
      }
      if (configuration instanceof LayerVertex vertex) {
        preProcessor = vertex.getPreProcessor();
        configuration = vertex.getLayerConf().getLayer();
      }
      if (configuration instanceof Layer layer) {
        Reach own = in[0].through(preProcessor);
        read.set(index, own);
        return own.behind(layer, index);
      } else if (configuration instanceof PreprocessorVertex vertex) {
        return in[0].through(vertex.getPreProcessor());
      }
      return vertex(index, (GraphVertex) configuration, in);
    } catch (RuntimeException e) { // whatever a layer says to a type that it does not take
      return null;
    }
  }

  private Reach vertex(int index, GraphVertex vertex, Reach... in) {
    InputType[] types = Arrays.stream(in).map(Reach::type).toArray(InputType[]::new);
    // A clone, since a merge remembers what it was asked.
    InputType type = vertex.clone().getOutputType(index, types);
    long times = in[0].times();
    if (vertex instanceof StackVertex) {
      times = Arrays.stream(in).mapToLong(Reach::times).sum();
    } else if (vertex instanceof UnstackVertex part) {
      times /= part.getStackSize();
    } else if (vertex instanceof DuplicateToTimeSeriesVertex duplicate) {
      int input = topology.inputNames().indexOf(duplicate.getInputName());
      return new Reach(type, times).inStepsOf(sources.get(input));
    }
    return new Reach(type, times);
  }

  private OptionalLong of(int index) {
    Object layer = ParameterKinds.Owner.innermost(topology.nodes().get(index).configuration());
    Reach in = read.get(index);
    Reach out = sources.get(topology.inputs() + index);
    if (in == null || out == null) {
      return OptionalLong.empty();
    } else if (layer instanceof EmbeddingLayer || layer instanceof EmbeddingSequenceLayer) {
      return OptionalLong.of(0); // a row is looked up
    } else if (layer instanceof LocallyConnected1D || layer instanceof LocallyConnected2D) {
      return OptionalLong.of(in.times()); // each position has weights of its own
    } else if (layer instanceof Deconvolution2D || layer instanceof Deconvolution3D) {
      return OptionalLong.of(in.positions());
    } else if (layer instanceof ConvolutionLayer) {
      return OptionalLong.of(out.positions());
    } else if (layer instanceof DenseLayer
        || layer instanceof BaseOutputLayer
        || layer instanceof BasePretrainNetwork
        || layer instanceof BaseRecurrentLayer) {
      return OptionalLong.of(in.positions());
    }
    return OptionalLong.empty();
  }
}
