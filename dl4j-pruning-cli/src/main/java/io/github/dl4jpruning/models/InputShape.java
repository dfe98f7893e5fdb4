package io.github.dl4jpruning.models;

import io.github.dl4jpruning.model.NetworkTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * The shape of an input as people write it, whatever the order of axes in the network.
 *
 * @param sizes features; time steps and features; or height, width and channels
 */
public record InputShape(List<Long> sizes) {

  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
  private static final int MOST_AXES = 3;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there are not one to three positive sizes
   */
  public InputShape {
    sizes = List.copyOf(sizes);
    if (sizes.isEmpty() || sizes.size() > MOST_AXES || sizes.stream().anyMatch(s -> s < 1)) {
      throw wrong(sizes.toString());
    }
  }

  /**
   * Reads a shape.
   *
   * @param text numbers with x between them: 784 (features), 50x3 (time steps x features), 32x32x3
   *     (height x width x channels)
   * @return the shape
   * @throws IllegalArgumentException if it is none of these
   */
  public static InputShape parse(String text) {
    List<Long> sizes = new ArrayList<>();
    for (String part : text.split("x", -1)) {
      if (!NUMBER.matcher(part).matches()) {
        throw wrong(text);
      }
      sizes.add(Long.valueOf(part));
    }
    if (sizes.size() > MOST_AXES) {
      throw wrong(text);
    }
    return new InputShape(sizes);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "expected a shape like 784, 50x3 (time steps x features) or 32x32x3 (height x width x"
            + " channels), but found "
            + text);
  }

  /**
   * Returns DL4J's types of all inputs, in the order of axes that the first layers expect.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param shapes a shape for each input, or none
   * @return a type for each shape
   * @throws IllegalArgumentException if the number of shapes differs from the number of inputs
   */
  public static InputType[] types(Model network, List<InputShape> shapes) {
    NetworkTopology topology = NetworkTopology.of(network);
    if (!shapes.isEmpty() && shapes.size() != topology.inputs()) {
      throw new IllegalArgumentException(
          "expected a shape for each of the "
              + topology.inputs()
              + " inputs "
              + topology.inputNames()
              + ", but found "
              + shapes.size());
    }
    InputType[] types = new InputType[shapes.size()];
    for (int i = 0; i < types.length; i++) {
      types[i] = shapes.get(i).type(topology, i);
    }
    return types;
  }

  private InputType type(NetworkTopology topology, int input) {
    return switch (sizes.size()) {
      case 1 -> InputType.feedForward(sizes.get(0));
      case 2 -> InputType.recurrent(sizes.get(1), sizes.get(0), stepsFormat(topology, input));
      default ->
          InputType.convolutional(
              sizes.get(0), sizes.get(1), sizes.get(2), imageFormat(topology, input));
    };
  }

  /** Returns the format of the first layer behind an input that has one. */
  private static CNN2DFormat imageFormat(NetworkTopology topology, int input) {
    for (Object layer : behind(topology, input)) {
      if (layer instanceof ConvolutionLayer convolution) {
        return convolution.getCnn2dDataFormat();
      } else if (layer instanceof SubsamplingLayer pooling) {
        return pooling.getCnn2dDataFormat();
      }
    }
    return CNN2DFormat.NCHW;
  }

  private static RNNFormat stepsFormat(NetworkTopology topology, int input) {
    for (Object layer : behind(topology, input)) {
      if (layer instanceof BaseRecurrentLayer recurrent && recurrent.getRnnDataFormat() != null) {
        return recurrent.getRnnDataFormat();
      }
    }
    return RNNFormat.NCW;
  }

  /** Returns what reads an input, directly or through others, in the order of the network. */
  private static List<Object> behind(NetworkTopology topology, int input) {
    List<Integer> reached = new ArrayList<>(List.of(input));
    List<Object> found = new ArrayList<>();
    for (int i = 0; i < topology.nodes().size(); i++) {
      NetworkTopology.Node node = topology.nodes().get(i);
      if (node.sources().stream().anyMatch(reached::contains)) {
        reached.add(topology.inputs() + i);
        found.add(node.configuration());
      }
    }
    return found;
  }
}
