package io.github.dl4jpruning.model;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * What DL4J's two kinds of network have in common for pruning, under one face. Arrays are looked up
 * at each call, because DL4J replaces them.
 */
abstract sealed class Network {

  /**
   * A layer, or a vertex with parameters.
   *
   * @param name no other part of the network has it
   * @param title the name as in the network's configuration, which several layers may share
   * @param configuration a layer's configuration or that of a vertex, wrappers included
   * @param trainable what holds the parameters
   */
  record Part(String name, String title, Object configuration, Trainable trainable) {}

  /**
   * Opens a network.
   *
   * @throws IllegalArgumentException if the model is no network
   * @throws IllegalStateException if it is a layer that is trained on its own
   */
  static Network of(Model model) {
    if (model instanceof MultiLayerNetwork network) {
      return new MultiLayer(network);
    } else if (model instanceof ComputationGraph graph) {
      return new Graph(graph);
    } else if (model instanceof Layer) {
      throw new IllegalStateException(
          "expected a whole network to train, but found a single "
              + model.getClass().getSimpleName()
              + ": layer-wise pretraining has parameters and counts of its own and is not pruned;"
              + " pretrain first and attach the listener then");
    }
    throw new IllegalArgumentException(
        "expected a MultiLayerNetwork or a ComputationGraph, but found "
            + (model == null ? "null" : "a " + model.getClass().getSimpleName()));
  }

  abstract Model model();

  abstract boolean isInitialised();

  abstract OptimizationAlgorithm algorithm();

  /** In the order of the parameter vector; those without parameters included. */
  abstract List<Part> parts();

  /** The layer that alone reads the outputs of a part, if it is one layer. */
  abstract Optional<Part> onlyReader(String name);

  abstract BaseMultiLayerUpdater<?> updater();

  /** The updater if there is one; DL4J makes it, with its state, where it is asked for. */
  abstract BaseMultiLayerUpdater<?> updaterIfAny();

  /** Whether backpropagation through time is truncated. */
  abstract boolean truncates();

  /** How many iterations DL4J makes of a batch. */
  abstract long iterationsOf(MultiDataSet batch);

  /** Of backpropagation through time that is truncated. */
  private static long segments(long steps, int length) {
    return (steps + length - 1) / length;
  }

  abstract int iteration();

  abstract int epoch();

  abstract void setCounts(int iteration, int epoch);

  abstract Collection<TrainingListener> listeners();

  /**
   * Sets one rate for all layers, inside of wrappers too, and has DL4J make its updater anew, with
   * an empty state. (Its own method leaves out wrapped layers, and fails where blocks change and
   * one of them has no state.)
   */
  final void setLearningRate(double rate) {
    for (Part part : parts()) {
      for (org.deeplearning4j.nn.conf.layers.Layer layer :
          ParameterKinds.Owner.chain(part.configuration())) {
        if (layer instanceof BaseLayer own
            && own.getIUpdater() != null
            && own.getIUpdater().hasLearningRate()) {
          own.getIUpdater().setLrAndSchedule(rate, null);
        }
      }
    }
    forgetUpdater();
  }

  /** Has DL4J make the updater anew when it is asked for. */
  abstract void forgetUpdater();

  /** Gives the network a list of listeners that it shares with no other. */
  abstract void separateListeners();

  /** Of the parameter vector; what DL4J's layers count leaves out those of pretraining. */
  final long count() {
    INDArray parameters = model().params();
    return parameters == null ? 0 : parameters.length();
  }

  final INDArray parameters() {
    return model().params();
  }

  /** Null before the first gradient. */
  final INDArray gradient() {
    return model().getGradientsViewArray();
  }

  private static final class MultiLayer extends Network {
    private final MultiLayerNetwork network;

    MultiLayer(MultiLayerNetwork network) {
      this.network = network;
    }

    @Override
    Model model() {
      return network;
    }

    @Override
    boolean isInitialised() {
      return network.isInitCalled();
    }

    @Override
    OptimizationAlgorithm algorithm() {
      return network.getLayerWiseConfigurations().getConf(0).getOptimizationAlgo();
    }

    @Override
    List<Part> parts() {
      Layer[] layers = network.getLayers();
      List<String> titles = new ArrayList<>();
      for (int i = 0; i < layers.length; i++) {
        String title = configuration(i).getLayerName();
        // DL4J names a layer that has no name by its index; a network from another source may not.
        titles.add(title != null ? title : "layer" + i);
      }
      List<String> names = unique(titles);
      List<Part> parts = new ArrayList<>();
      for (int i = 0; i < layers.length; i++) {
        parts.add(new Part(names.get(i), titles.get(i), configuration(i), layers[i]));
      }
      return parts;
    }

    private org.deeplearning4j.nn.conf.layers.Layer configuration(int layer) {
      return network.getLayerWiseConfigurations().getConf(layer).getLayer();
    }

    /** DL4J lets layers have the same name: then they are told apart by their order. */
    private static List<String> unique(List<String> titles) {
      Set<String> taken = new HashSet<>(titles);
      if (taken.size() == titles.size()) {
        return titles;
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < titles.size(); i++) {
        String title = titles.get(i);
        String name = title;
        if (Collections.frequency(titles, title) > 1) {
          name += "#" + (Collections.frequency(titles.subList(0, i), title) + 1);
          while (!taken.add(name)) {
            name += "#";
          }
        }
        names.add(name);
      }
      return names;
    }

    @Override
    Optional<Part> onlyReader(String name) {
      List<Part> parts = parts();
      for (int i = 0; i + 1 < parts.size(); i++) {
        if (parts.get(i).name().equals(name)) {
          return Optional.of(parts.get(i + 1));
        }
      }
      return Optional.empty();
    }

    @Override
    BaseMultiLayerUpdater<?> updater() {
      return network.getUpdater() instanceof BaseMultiLayerUpdater<?> updater ? updater : null;
    }

    @Override
    BaseMultiLayerUpdater<?> updaterIfAny() {
      return network.getUpdater(false) instanceof BaseMultiLayerUpdater<?> updater ? updater : null;
    }

    @Override
    boolean truncates() {
      return network.getLayerWiseConfigurations().getBackpropType() == BackpropType.TruncatedBPTT;
    }

    /** Of a batch that cannot be cut, DL4J warns and makes none. */
    @Override
    long iterationsOf(MultiDataSet batch) {
      if (!truncates()) {
        return 1;
      }
      INDArray features = batch.getFeatures(0);
      INDArray labels = batch.getLabels(0);
      boolean sequences = features.rank() == 3 && labels.rank() == 3;
      return sequences && features.size(2) == labels.size(2)
          ? segments(features.size(2), network.getLayerWiseConfigurations().getTbpttFwdLength())
          : 0;
    }

    @Override
    int iteration() {
      return network.getIterationCount();
    }

    @Override
    int epoch() {
      return network.getEpochCount();
    }

    @Override
    void setCounts(int iteration, int epoch) {
      network.setIterationCount(iteration);
      network.setEpochCount(epoch);
    }

    @Override
    void forgetUpdater() {
      network.setUpdater(null);
    }

    @Override
    void separateListeners() {
      // A clone has an empty list of its own.
    }

    @Override
    Collection<TrainingListener> listeners() {
      return network.getListeners();
    }
  }

  private static final class Graph extends Network {
    private final ComputationGraph graph;

    Graph(ComputationGraph graph) {
      this.graph = graph;
    }

    @Override
    Model model() {
      return graph;
    }

    @Override
    boolean isInitialised() {
      // A graph has vertices from init() on, and does not tell otherwise.
      return graph.getVertices() != null;
    }

    @Override
    OptimizationAlgorithm algorithm() {
      return graph.conf().getOptimizationAlgo();
    }

    @Override
    List<Part> parts() {
      List<Part> parts = new ArrayList<>();
      for (int index : graph.topologicalSortOrder()) {
        GraphVertex vertex = graph.getVertices()[index];
        String name = vertex.getVertexName();
        org.deeplearning4j.nn.conf.graph.GraphVertex configuration =
            graph.getConfiguration().getVertices().get(name);
        if (configuration != null) { // an input of the graph has none
          parts.add(new Part(name, name, configuration, vertex));
        }
      }
      return parts;
    }

    @Override
    Optional<Part> onlyReader(String name) {
      List<String> readers =
          graph.getConfiguration().getVertexInputs().entrySet().stream()
              .filter(entry -> entry.getValue().contains(name))
              .map(java.util.Map.Entry::getKey)
              .toList();
      if (readers.size() != 1 || graph.getConfiguration().getNetworkOutputs().contains(name)) {
        return Optional.empty();
      }
      return parts().stream()
          .filter(part -> part.name().equals(readers.get(0)))
          .filter(part -> part.configuration() instanceof LayerVertex)
          .findFirst();
    }

    @Override
    BaseMultiLayerUpdater<?> updater() {
      return graph.getUpdater();
    }

    @Override
    BaseMultiLayerUpdater<?> updaterIfAny() {
      return graph.getUpdater(false);
    }

    @Override
    boolean truncates() {
      return graph.getConfiguration().getBackpropType() == BackpropType.TruncatedBPTT;
    }

    /** Of a batch that cannot be cut, DL4J warns and makes none. */
    @Override
    long iterationsOf(MultiDataSet batch) {
      if (!truncates()) {
        return 1;
      }
      long[] lengths =
          Stream.concat(Arrays.stream(batch.getFeatures()), Arrays.stream(batch.getLabels()))
              .filter(array -> array.rank() == 3)
              .mapToLong(array -> array.size(2))
              .distinct()
              .toArray();
      return switch (lengths.length) {
        case 0 -> 1;
        case 1 -> segments(lengths[0], graph.getConfiguration().getTbpttFwdLength());
        default -> 0;
      };
    }

    @Override
    int iteration() {
      return graph.getIterationCount();
    }

    @Override
    int epoch() {
      return graph.getEpochCount();
    }

    @Override
    void setCounts(int iteration, int epoch) {
      graph.getConfiguration().setIterationCount(iteration);
      graph.getConfiguration().setEpochCount(epoch);
    }

    @Override
    void forgetUpdater() {
      graph.setUpdater(null);
    }

    /** DL4J's clone has the very list of its original; to set one would set both. */
    @Override
    void separateListeners() {
      try {
        Field list = ComputationGraph.class.getDeclaredField("trainingListeners");
        list.setAccessible(true);
        list.set(graph, new ArrayList<>(graph.getListeners()));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "expected a graph whose listeners can be separated from those of its original; train"
                + " another copy of it, for instance one that is saved and loaded",
            e);
      }
    }

    @Override
    Collection<TrainingListener> listeners() {
      return graph.getListeners();
    }
  }
}
