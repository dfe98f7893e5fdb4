package io.github.dl4jpruning.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;

/** Guesses the type of a network's input from the first layer that reads it. */
public final class InputGuess {

  private InputGuess() {}

  /**
   * Guesses the type of one input.
   *
   * @param topology the topology of a network
   * @param source the number of the input
   * @return the first type that fits; empty if there is none
   */
  public static Optional<InputType> of(NetworkTopology topology, int source) {
    Optional<NetworkTopology.Node> reader =
        topology.nodes().stream().filter(node -> node.sources().contains(source)).findFirst();
    if (reader.isEmpty()) {
      return Optional.empty();
    }
    Object configuration = reader.get().configuration();
    Optional<InputPreProcessor> preProcessor =
        configuration instanceof PreprocessorVertex vertex
            ? Optional.ofNullable(vertex.getPreProcessor())
            : reader.get().preProcessor();
    List<InputType> candidates =
        preProcessor
            .map(first -> candidates(first, configuration))
            .orElseGet(() -> candidates(ParameterKinds.Owner.innermost(configuration)));
    return candidates.stream()
        .filter(type -> isTaken(type, preProcessor, configuration))
        .findFirst();
  }

  private static boolean isTaken(
      InputType type, Optional<InputPreProcessor> preProcessor, Object by) {
    try {
      Reach whole = new Reach(type, 1);
      Reach read = preProcessor.map(whole::through).orElse(whole);
      return !(by instanceof Layer layer) || read.behind(layer, 0).times() > 0;
    } catch (RuntimeException e) { // layers may throw anything for an unsuitable type
      return false;
    }
  }

  private static List<InputType> candidates(InputPreProcessor preProcessor, Object configuration) {
    if (preProcessor instanceof ComposableInputPreProcessor several) {
      return candidates(several.getInputPreProcessors()[0], configuration);
    } else if (preProcessor instanceof FeedForwardToCnnPreProcessor to) {
      return List.of(
          InputType.convolutionalFlat(
              to.getInputHeight(), to.getInputWidth(), to.getNumChannels()));
    } else if (preProcessor instanceof FeedForwardToCnn3DPreProcessor to) {
      long area = (long) to.getInputHeight() * to.getInputWidth();
      return List.of(InputType.feedForward(area * to.getInputDepth() * to.getNumChannels()));
    } else if (preProcessor instanceof RnnToCnnPreProcessor to) {
      long area = (long) to.getInputHeight() * to.getInputWidth();
      return List.of(InputType.recurrent(area * to.getNumChannels(), to.getRnnDataFormat()));
    } else if (preProcessor instanceof CnnToRnnPreProcessor from) {
      return List.of(
          InputType.convolutional(
              from.getInputHeight(), from.getInputWidth(), from.getNumChannels()));
    } else if (preProcessor instanceof CnnToFeedForwardPreProcessor from) {
      return List.of(
          InputType.convolutional(
              from.getInputHeight(), from.getInputWidth(), from.getNumChannels()));
    }
    return candidates(ParameterKinds.Owner.innermost(configuration));
  }

  private static List<InputType> candidates(Object layer) {
    List<InputType> candidates = new ArrayList<>();
    if (layer instanceof LocallyConnected2D local && local.getInputSize() != null) {
      int[] size = local.getInputSize();
      candidates.add(InputType.convolutional(size[0], size[1], local.getNIn(), local.getFormat()));
    } else if (layer instanceof LocallyConnected1D local) {
      candidates.add(InputType.recurrent(local.getNIn(), local.getInputSize()));
    } else if (layer instanceof FeedForwardLayer plain && plain.getNIn() > 0) {
      RNNFormat format =
          layer instanceof BaseRecurrentLayer recurrent ? recurrent.getRnnDataFormat() : null;
      candidates.add(InputType.feedForward(plain.getNIn()));
      candidates.add(InputType.recurrent(plain.getNIn(), format == null ? RNNFormat.NCW : format));
    } else if (layer instanceof SelfAttentionLayer attention) {
      candidates.add(InputType.recurrent(attention.getNIn()));
    } else if (layer instanceof RecurrentAttentionLayer attention) {
      candidates.add(InputType.recurrent(attention.getNIn()));
    }
    return candidates;
  }
}
