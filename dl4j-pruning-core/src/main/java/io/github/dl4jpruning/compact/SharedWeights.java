package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.codec.Clusters;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.SharedValues;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * Makes the weights of a network share a few values, and trains the shared values. {@link
 * CompactModelSerializer#write} then needs only a code of a few bits for each weight.
 *
 * <pre>{@code
 * SharedWeights shared = SharedWeights.share(network, 4); // 16 values in each tensor
 * network.fit(train, 2);
 * shared.detach();
 * CompactModelSerializer.write(network, file);
 * }</pre>
 *
 * <p>K-means ({@link Clusters}) finds the values of each tensor among its non-zero weights. During
 * training the codes stay fixed and the values move. In each step the gradient of a shared value,
 * ∂L/∂c = Σ ∂L/∂w over the weights that share it, is divided by their number and assigned to each
 * of them. After the step they are set to their mean, so that they stay equal whatever the updater
 * does. The division keeps the network's learning rate right: with the whole sum, a value shared by
 * a thousand weights would move a thousand times as fast. Zeros stay zero.
 *
 * <p>Does not work with {@code ParallelWrapper}, whose replicas have their own listeners.
 *
 * <p>Source: S. Han et al., "Deep Compression", 2016 (arXiv 1510.00149), section 3.
 */
public final class SharedWeights extends BaseTrainingListener {

  private final Model network;
  private final List<SharedValues> tensors;

  private SharedWeights(Model network, List<SharedValues> tensors) {
    this.network = network;
    this.tensors = tensors;
  }

  /**
   * Makes all weights of a network share values, and keeps them shared during training.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; its
   *     weights change at once
   * @param bits 2^bits values in each tensor, 1 to 8 bits
   * @return the listener that keeps the weights shared, already added to the network
   * @throws IllegalArgumentException if bits are out of range; nothing is changed
   * @throws IllegalStateException if the network is not initialised, or a weight is not finite;
   *     nothing is changed
   */
  public static SharedWeights share(Model network, int bits) {
    return share(network, bits, ParameterFilter.weights());
  }

  /**
   * As {@link #share(Model, int)}, for some parameters.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param bits 2^bits values in each tensor, 1 to 8 bits
   * @param filter selects the parameters
   * @return the listener that keeps the weights shared
   * @throws IllegalArgumentException if bits are out of range, or the filter does not fit the
   *     network; nothing is changed
   */
  public static SharedWeights share(Model network, int bits, ParameterFilter filter) {
    NetworkParameters parameters = NetworkParameters.of(network);
    List<SharedValues> tensors = new ArrayList<>();
    for (PrunableParameter parameter :
        filter.select(parameters.parameters(), parameters.layers())) {
      tensors.add(grouped(parameters, parameter, bits));
    }
    SharedWeights shared = new SharedWeights(network, tensors);
    tensors.forEach(SharedValues::shareWeights);
    List<TrainingListener> listeners = new ArrayList<>(parameters.listeners());
    listeners.add(shared);
    network.setListeners(listeners);
    return shared;
  }

  private static SharedValues grouped(
      NetworkParameters parameters, PrunableParameter parameter, int bits) {
    double[] weights = parameters.finiteValues(parameter);
    double[] values = Arrays.stream(weights).filter(w -> w != 0.0).toArray();
    short[] groups = new short[weights.length];
    if (values.length == 0) {
      return new SharedValues(parameters, parameter, groups, 0);
    }
    Clusters clusters = Clusters.of(values, bits);
    for (int i = 0; i < weights.length; i++) {
      groups[i] = weights[i] == 0.0 ? SharedValues.ZERO : (short) (clusters.codeOf(weights[i]) + 1);
    }
    return new SharedValues(parameters, parameter, groups, clusters.size());
  }

  /**
   * Removes this from the network's listeners. Weights keep their values and train independently.
   */
  public void detach() {
    List<TrainingListener> others = new ArrayList<>(NetworkParameters.of(network).listeners());
    others.remove(this);
    network.setListeners(others);
  }

  @Override
  public void onGradientCalculation(Model model) {
    if (model == network) {
      tensors.forEach(SharedValues::shareGradient);
    }
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    if (model == network) {
      tensors.forEach(SharedValues::shareWeights);
    }
  }
}
