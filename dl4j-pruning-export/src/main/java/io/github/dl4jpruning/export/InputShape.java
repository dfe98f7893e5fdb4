package io.github.dl4jpruning.export;

import io.github.dl4jpruning.export.InferencePlan.Form;
import io.github.dl4jpruning.model.InputGuess;
import io.github.dl4jpruning.model.NetworkTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;

/**
 * The shape of an input of a network.
 *
 * @param name the name of the input
 * @param form the form of one example
 * @param channelsLast whether channels are the last axis of its array
 * @param sizes channels, depth, height, width
 */
record InputShape(String name, Form form, boolean channelsLast, List<Integer> sizes) {

  static List<InputShape> of(NetworkTopology topology, List<InputType> types) {
    if (!types.isEmpty() && types.size() != topology.inputs()) {
      throw new IllegalArgumentException(
          "expected a type for each of the "
              + topology.inputs()
              + " inputs of the network, but found "
              + types.size());
    }
    List<InputShape> shapes = new ArrayList<>();
    for (int i = 0; i < topology.inputs(); i++) {
      String name = topology.inputNames().get(i);
      Optional<InputShape> words = words(topology, i, name);
      Optional<InputType> type =
          types.isEmpty() ? InputGuess.of(topology, i) : Optional.of(types.get(i));
      if (words.isPresent()) {
        shapes.add(words.get());
      } else if (type.isEmpty()) {
        throw new IllegalArgumentException(
            "input "
                + (name.isEmpty() ? "of the network" : name)
                + ": expected an input whose size can be told from the first layer, but it may be"
                + " of any size; give it with ExportOptions.withInputTypes");
      } else {
        shapes.add(of(name, type.get()));
      }
    }
    return shapes;
  }

  /**
   * Returns the shape for an embedding: it reads the number of a word, whatever size its type has.
   */
  private static Optional<InputShape> words(NetworkTopology topology, int source, String name) {
    return topology.nodes().stream()
        .filter(node -> node.sources().contains(source))
        .map(node -> Frozen.layer(node.configuration()))
        .filter(c -> c instanceof EmbeddingLayer || c instanceof EmbeddingSequenceLayer)
        .findFirst()
        .map(
            c ->
                new InputShape(
                    name,
                    c instanceof EmbeddingLayer ? Form.VECTOR : Form.SEQUENCE,
                    false,
                    List.of(1, 1, 1, 1)));
  }

  private static InputShape of(String name, InputType type) {
    if (type instanceof InputType.InputTypeConvolutional image) {
      return planes(
          name,
          image.getFormat() == CNN2DFormat.NHWC,
          image.getChannels(),
          1,
          image.getHeight(),
          image.getWidth());
    } else if (type instanceof InputType.InputTypeConvolutional3D volume) {
      return planes(
          name,
          volume.getDataFormat() == Convolution3D.DataFormat.NDHWC,
          volume.getChannels(),
          volume.getDepth(),
          volume.getHeight(),
          volume.getWidth());
    } else if (type instanceof InputType.InputTypeRecurrent sequence) {
      return new InputShape(
          name,
          Form.SEQUENCE,
          sequence.getFormat() == RNNFormat.NWC,
          List.of(Math.toIntExact(sequence.getSize()), 1, 1, 1));
    }
    return new InputShape(
        name,
        Form.VECTOR,
        false,
        List.of(Math.toIntExact(type.arrayElementsPerExample()), 1, 1, 1));
  }

  private static InputShape planes(String name, boolean last, long... sizes) {
    List<Integer> whole = new ArrayList<>();
    for (long size : sizes) {
      whole.add(Math.toIntExact(size));
    }
    return new InputShape(name, Form.PLANES, last, whole);
  }
}
