package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The mean square of each input of the layers of a network that trains: over the examples, steps
 * and places of a batch, and an exponential mean over batches. The inputs are those of the forward
 * pass of training, after dropout.
 */
public final class SquaredInputs {

  /** How much of the mean stays when a batch is added. */
  private static final double DECAY = 0.9;

  private final NetworkParameters network;
  private final List<LinearLayer> layers = new ArrayList<>();

  /** An element for each column of a layer. */
  private final List<double[]> means = new ArrayList<>();

  private boolean seen;

  /**
   * Begins with no inputs.
   *
   * @param network the network
   * @param parameters those whose inputs are asked for
   * @throws IllegalArgumentException if the inputs of one are not known
   */
  public SquaredInputs(NetworkParameters network, List<PrunableParameter> parameters) {
    this.network = network;
    for (PrunableParameter parameter : parameters) {
      if (layers.stream().noneMatch(layer -> layer.has(parameter))) {
        LinearLayer layer =
            LinearLayers.of(network, parameter.layer())
                .filter(linear -> linear.has(parameter))
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "the inputs of "
                                + parameter.name()
                                + " (a "
                                + parameter.layerType()
                                + ") cannot be read: expected a dense, output, convolution (1-D or"
                                + " 2-D), LSTM or SimpleRnn layer without layer normalisation and"
                                + " with at most 8,192 inputs; leave it out by the parameter"
                                + " filter, or choose another criterion"));
        layers.add(layer);
        means.add(new double[layer.columns()]);
      }
    }
  }

  /**
   * Returns whether some inputs were seen.
   *
   * @return false at the beginning
   */
  public boolean hasSeen() {
    return seen;
  }

  /** Adds the inputs of a forward pass that has left them in place: during the backward pass. */
  public void observe() {
    // Arrays made here must not stay in the workspaces of the pass.
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (int l = 0; l < layers.size(); l++) {
        Layer layer =
            network.layer(layers.get(l).name()).flatMap(LayerInputs::innermost).orElseThrow();
        double[] squares = LayerInputs.meanSquares(layer, layers.get(l).columns());
        double[] mean = means.get(l);
        for (int i = 0; i < mean.length; i++) {
          mean[i] = seen ? DECAY * mean[i] + (1 - DECAY) * squares[i] : squares[i];
        }
      }
    }
    seen = true;
  }

  /**
   * Returns the mean for each weight.
   *
   * @param parameter one of the given parameters
   * @return the mean square of the input that each weight reads, by flat index
   */
  public double[] of(PrunableParameter parameter) {
    int l = layerOf(parameter);
    return layers.get(l).spread(parameter, means.get(l));
  }

  /**
   * Sets the means of a parameter's inputs.
   *
   * @param parameter one of the given parameters
   * @param values what {@link #of} has returned; all zeros if no inputs were seen
   */
  public void restore(PrunableParameter parameter, double[] values) {
    int l = layerOf(parameter);
    layers.get(l).gather(parameter, values, means.get(l));
    seen |= Arrays.stream(values).anyMatch(value -> value != 0);
  }

  private int layerOf(PrunableParameter parameter) {
    for (int l = 0; l < layers.size(); l++) {
      if (layers.get(l).has(parameter)) {
        return l;
      }
    }
    throw new IllegalArgumentException("expected a given parameter, but found " + parameter.name());
  }
}
