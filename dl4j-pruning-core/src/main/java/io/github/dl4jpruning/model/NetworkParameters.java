package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Read access to the parameters of one network. Nothing here changes the network.
 *
 * <p>Arrays are looked up at each call, because DL4J replaces them (for instance when an updater is
 * loaded or a learning rate is set).
 */
public final class NetworkParameters {

  private final Network network;
  private final Set<String> layers = new LinkedHashSet<>();
  private final List<PrunableParameter> parameters = new ArrayList<>();

  /** Layers whose gradient DL4J never computes. */
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
   * @throws IllegalArgumentException if the model is of another kind, or the type of its parameters
   *     is not FLOAT, DOUBLE or HALF
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
   * Returns how many iterations the network makes of a batch: one, or one for each segment if
   * backpropagation through time is truncated.
   *
   * @param batch a batch
   * @return the number of iterations
   */
  public long iterationsOf(MultiDataSet batch) {
    return network.iterationsOf(batch);
  }

  /**
   * Returns the network.
   *
   * @return the given network
   */
  Network network() {
    return network;
  }

  /**
   * Returns whether this object describes a model.
   *
   * @param model any model
   * @return true if it is the same object
   */
  public boolean isOf(Model model) {
    return network.model() == model;
  }

  /**
   * Returns the described network.
   *
   * @return the given network
   */
  public Model model() {
    return network.model();
  }

  /** Gives the network its own list of listeners, with the same elements. */
  public void separateListeners() {
    network.separateListeners();
  }

  /**
   * Returns DL4J's count of iterations.
   *
   * @return the iteration in progress, or else the next one, 0-based
   */
  public int iteration() {
    return network.iteration();
  }

  /**
   * Returns DL4J's count of epochs.
   *
   * @return the epoch in progress, or else the next one, 0-based
   */
  public int epoch() {
    return network.epoch();
  }

  /**
   * Returns the listeners of the network.
   *
   * @return a copy of the list, in the order in which they are called
   */
  public List<TrainingListener> listeners() {
    return List.copyOf(network.listeners());
  }

  /**
   * Returns the names of all layers.
   *
   * @return unique names in layer order, including layers without parameters; also the configured
   *     name where several layers share one
   */
  public Set<String> layers() {
    return layers;
  }

  /**
   * Returns the layer that computes, wrappers included.
   *
   * @param name one of {@link #layers()}, unique in the network
   * @return the layer; empty for a vertex that is none
   */
  public Optional<Layer> layer(String name) {
    return network.parts().stream()
        .filter(part -> part.name().equals(name))
        .map(
            part ->
                part.trainable() instanceof GraphVertex vertex
                    ? vertex.getLayer()
                    : (Layer) part.trainable())
        .filter(Objects::nonNull)
        .findFirst();
  }

  /**
   * Returns all parameters.
   *
   * @return descriptions in the order of their offsets
   */
  public List<PrunableParameter> parameters() {
    return parameters;
  }

  /**
   * Returns the number of all parameters.
   *
   * @return the length of the network's parameter vector
   */
  public long count() {
    return network.count();
  }

  /**
   * Returns the current values of a parameter, without a check.
   *
   * @param parameter one of {@link #parameters()}
   * @return a copy of its values by flat index, including NaN and infinities
   */
  public double[] values(PrunableParameter parameter) {
    double[] values = new double[parameter.length()];
    FlatValues.of(network.parameters()).copy(parameter.offset(), values);
    return values;
  }

  /**
   * Returns a reader of the current values of a parameter, without a copy.
   *
   * @param parameter one of {@link #parameters()}
   * @return the value at a flat index; for immediate use only, since DL4J replaces its arrays
   */
  public IntToDoubleFunction reader(PrunableParameter parameter) {
    FlatValues values = FlatValues.of(network.parameters());
    long offset = parameter.offset();
    return index -> values.get(offset + index);
  }

  /**
   * Returns the current values of a parameter, checked.
   *
   * @param parameter one of {@link #parameters()}
   * @return a copy of its values by flat index
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] finiteValues(PrunableParameter parameter) {
    return finite("weights", network.parameters(), parameter);
  }

  /**
   * Returns the last computed gradient of a parameter, checked.
   *
   * @param parameter one of {@link #parameters()}
   * @return a copy of its values by flat index; zeros for a frozen layer
   * @throws IllegalStateException if one is NaN or infinite
   */
  public double[] finiteGradients(PrunableParameter parameter) {
    if (frozenLayers.contains(parameter.layer())) {
      return new double[parameter.length()];
    }
    return finite("gradient", network.gradient(), parameter);
  }

  /**
   * Subtracts weight times gradient from sums, elementwise and in one pass.
   *
   * @param parameter one of {@link #parameters()}
   * @param sums one sum per element, by flat index
   */
  public void subtractWeightTimesGradient(PrunableParameter parameter, double[] sums) {
    RunningSums.subtractProducts(
        FlatValues.of(network.parameters()),
        FlatValues.of(network.gradient()),
        parameter.offset(),
        sums);
  }

  /**
   * Returns the scales of the batch normalisation that directly follows a layer.
   *
   * @param parameter one of {@link #parameters()}
   * @return a copy of γ for each output channel; empty if no batch normalisation with a γ follows
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
   * Checks that the present weights are finite.
   *
   * @param selected the parameters to check
   * @throws IllegalStateException if one of them holds NaN or an infinity
   */
  public void checkWeightsFinite(List<PrunableParameter> selected) {
    if (weightsAreSuspect()) {
      selected.forEach(this::finiteValues);
    }
  }

  /**
   * Checks that the last computed gradient is finite.
   *
   * @param selected the parameters to check
   * @throws IllegalStateException if the gradient of one of them holds NaN or an infinity
   */
  public void checkGradientFinite(List<PrunableParameter> selected) {
    INDArray gradient = network.gradientIfAny();
    // One fast pass: a sum is finite only if every term is. If it is not, check each term, since a
    // sum of finite terms may also overflow.
    if (gradient != null && !Double.isFinite(gradient.sumNumber().doubleValue())) {
      selected.forEach(this::finiteGradients);
    }
  }

  /**
   * Returns DL4J's score of the last batch.
   *
   * @return the loss, regularisation included
   */
  public double score() {
    return network.model().score();
  }

  /**
   * Returns whether some parameter may be NaN or infinite.
   *
   * @return false only if all parameters are finite
   */
  public boolean weightsAreSuspect() {
    return !Double.isFinite(network.parameters().sumNumber().doubleValue());
  }

  /**
   * Finds the first value that is not finite, to report where a network has diverged.
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
