package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The parameters of one network, read. Nothing here changes the network.
 *
 * <p>Arrays are looked up at each call, because DL4J replaces them (a loaded updater, a learning
 * rate that was set).
 */
public final class NetworkParameters {

  private final Network network;
  private final Set<String> layers = new LinkedHashSet<>();
  private final List<PrunableParameter> parameters = new ArrayList<>();

  /** Whose gradient DL4J never computes. */
  private final Set<String> frozenLayers = new HashSet<>();

  private NetworkParameters(Network network) {
    this.network = network;
    long start = network.count() == 0 ? 0 : network.parameters().data().offset();
    for (Network.Part part : network.parts()) {
      layers.add(part.name());
      layers.add(part.title());
      Map<String, INDArray> table = part.trainable().paramTable(false);
      if (table != null) {
        table.forEach((key, view) -> parameters.add(describe(part, key, view, start)));
      }
      if (part.configuration() instanceof FrozenLayer
          || part.configuration() instanceof FrozenLayerWithBackprop) {
        frozenLayers.add(part.name());
      }
    }
    // The order of a layer's parameter table is not the order in memory.
    parameters.sort(Comparator.comparingLong(PrunableParameter::offset));
  }

  private static PrunableParameter describe(
      Network.Part part, String key, INDArray view, long start) {
    ParameterKinds.Owner owner = ParameterKinds.Owner.of(part.configuration(), key);
    ParameterKinds.Kind kind = owner.kind(view.rank());
    try {
      return new PrunableParameter(
          part.name(),
          owner.type(),
          key,
          kind.role(),
          Arrays.stream(view.shape()).boxed().toList(),
          kind.layout(view),
          view.data().offset() - start,
          Math.toIntExact(view.length()),
          part.title());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "parameter " + part.name() + "." + key + " of a " + owner.type() + ": " + e.getMessage(),
          e);
    }
  }

  /**
   * Describes a network.
   *
   * @param model a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @return its parameters
   * @throws IllegalArgumentException if the model is of another kind, or its parameters are of
   *     another type than FLOAT, DOUBLE or HALF
   * @throws IllegalStateException if the network is not initialised
   */
  public static NetworkParameters of(Model model) {
    Network network = Network.of(model);
    if (!network.isInitialised()) {
      throw new IllegalStateException(
          "expected an initialised network, but init() was not called on this one");
    }
    if (network.count() > 0) {
      FlatValues.checkSupported(network.parameters().dataType());
    }
    return new NetworkParameters(network);
  }

  /**
   * How many iterations the network makes of a batch: one, or one for each segment if
   * backpropagation through time is truncated.
   *
   * @param batch a batch
   * @return the number of iterations
   */
  public long iterationsOf(MultiDataSet batch) {
    return network.iterationsOf(batch);
  }

  /**
   * The network.
   *
   * @return the network that was given
   */
  Network network() {
    return network;
  }

  /**
   * Whether this describes a given model.
   *
   * @param model any model
   * @return true if it is the very network that is described here
   */
  public boolean isOf(Model model) {
    return network.model() == model;
  }

  /**
   * The network that is described here.
   *
   * @return the network that was given
   */
  public Model model() {
    return network.model();
  }

  /** Gives the network a list of listeners of its own, with the same listeners. */
  public void separateListeners() {
    network.separateListeners();
  }

  /**
   * DL4J's count of iterations.
   *
   * @return the iteration that is running, or else the next, from 0
   */
  public int iteration() {
    return network.iteration();
  }

  /**
   * DL4J's count of epochs.
   *
   * @return the epoch that is running, or else the next, from 0
   */
  public int epoch() {
    return network.epoch();
  }

  /**
   * The listeners of the network.
   *
   * @return a copy of the list, in the order in which they are called
   */
  public List<TrainingListener> listeners() {
    return List.copyOf(network.listeners());
  }

  /**
   * The names of all layers.
   *
   * @return names in layer order, those of layers without parameters included; where layers share
   *     one in the configuration, that one as well
   */
  public Set<String> layers() {
    return layers;
  }

  /**
   * All parameters.
   *
   * @return descriptions by rising offset
   */
  public List<PrunableParameter> parameters() {
    return parameters;
  }

  /**
   * The number of all parameters.
   *
   * @return the length of the network's parameter vector
   */
  public long count() {
    return network.count();
  }

  /**
   * The current values of a parameter, for a count.
   *
   * @param parameter one of {@link #parameters()}
   * @return its values by flat index, a copy; NaN and infinities as they are
   */
  public double[] values(PrunableParameter parameter) {
    double[] values = new double[parameter.length()];
    FlatValues.of(network.parameters()).copy(parameter.offset(), values);
    return values;
  }

  /**
   * The current values of a parameter, one at a time and without a copy.
   *
   * @param parameter one of {@link #parameters()}
   * @return its value at a flat index; for the length of one look, since DL4J replaces its arrays
   */
  public IntToDoubleFunction reader(PrunableParameter parameter) {
    FlatValues values = FlatValues.of(network.parameters());
    long offset = parameter.offset();
    return index -> values.get(offset + index);
  }

  /**
   * The current values of a parameter, for a decision.
   *
   * @param parameter one of {@link #parameters()}
   * @return its values by flat index, a copy
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] finiteValues(PrunableParameter parameter) {
    return finite("weights", network.parameters(), parameter);
  }

  /**
   * The gradient of a parameter that was computed last, for a decision.
   *
   * @param parameter one of {@link #parameters()}
   * @return its values by flat index, a copy; zeros for a frozen layer
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] finiteGradients(PrunableParameter parameter) {
    if (frozenLayers.contains(parameter.layer())) {
      return new double[parameter.length()];
    }
    return finite("gradient", network.gradient(), parameter);
  }

  /**
   * Subtracts weight times gradient from sums, element by element, in one pass.
   *
   * @param parameter one of {@link #parameters()}
   * @param sums one sum per element, by flat index
   */
  public void subtractWeightTimesGradient(PrunableParameter parameter, double[] sums) {
    FlatValues.subtractProducts(
        FlatValues.of(network.parameters()),
        FlatValues.of(network.gradient()),
        parameter.offset(),
        sums);
  }

  /**
   * The scales that a batch normalisation gives to the outputs of a layer, where one follows
   * directly.
   *
   * @param parameter one of {@link #parameters()}
   * @return γ for each output channel, a copy; empty if no batch normalisation with a γ follows
   */
  public Optional<double[]> outputScales(PrunableParameter parameter) {
    return network
        .onlyReader(parameter.layer())
        .filter(
            reader ->
                ParameterKinds.Owner.innermost(reader.configuration())
                    instanceof BatchNormalization)
        .map(reader -> reader.trainable().paramTable(false))
        .map(table -> table.get(BatchNormalizationParamInitializer.GAMMA))
        .map(INDArray::toDoubleVector);
  }

  /**
   * Checks the weights as they are.
   *
   * @param selected the parameters to look at
   * @throws IllegalStateException if one of them holds NaN or an infinity
   */
  public void checkWeightsFinite(List<PrunableParameter> selected) {
    if (weightsAreSuspect()) {
      selected.forEach(this::finiteValues);
    }
  }

  /**
   * Checks the gradient that was computed last.
   *
   * @param selected the parameters to look at
   * @throws IllegalStateException if the gradient of one of them holds NaN or an infinity
   */
  public void checkGradientFinite(List<PrunableParameter> selected) {
    INDArray gradient = network.gradientIfAny();
    // One fast pass: a sum is finite only if every term is. Only a sum that is not is looked at
    // closely; finite terms may have overflowed.
    if (gradient != null && !Double.isFinite(gradient.sumNumber().doubleValue())) {
      selected.forEach(this::finiteGradients);
    }
  }

  /**
   * The score of the batch that was computed last.
   *
   * @return the loss, regularisation included
   */
  public double score() {
    return network.model().score();
  }

  /**
   * Whether some parameter may be no number.
   *
   * @return false only if all parameters are finite
   */
  public boolean weightsAreSuspect() {
    return !Double.isFinite(network.parameters().sumNumber().doubleValue());
  }

  /**
   * Looks for what is not finite, to say where a network has diverged.
   *
   * @return a sentence that names the first weights, or else the first gradient, with a NaN or an
   *     infinity; empty if there is none
   */
  public Optional<String> firstNotFinite() {
    for (PrunableParameter parameter : parameters) {
      try {
        finiteValues(parameter);
      } catch (IllegalStateException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
    for (PrunableParameter parameter : parameters) {
      try {
        finiteGradients(parameter);
      } catch (IllegalStateException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return Optional.empty();
  }

  private static double[] finite(String what, INDArray vector, PrunableParameter parameter) {
    double[] values = new double[parameter.length()];
    if (!FlatValues.of(vector).copy(parameter.offset(), values)) {
      int bad = 0;
      while (Double.isFinite(values[bad])) {
        bad++;
      }
      throw new IllegalStateException(
          what
              + " of "
              + parameter.name()
              + ": expected finite values, but the one at flat index "
              + bad
              + " is "
              + values[bad]);
    }
    return values;
  }
}
