package io.github.dl4jpruning.model;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A common interface to DL4J's two kinds of network. Arrays are looked up at each call, because
 * DL4J replaces them.
 */
abstract sealed class Network permits NetworkOfLayers, NetworkOfVertices {

  /**
   * A layer, or a vertex with parameters.
   *
   * @param name a name that is unique in the network
   * @param title the name in the network's configuration, which several layers may share
   * @param configuration the configuration of a layer or vertex, wrappers included
   * @param trainable the object that holds the parameters
   */
  record Part(String name, String title, Object configuration, Trainable trainable) {}

  /**
   * Opens a network.
   *
   * @throws IllegalArgumentException if the model is not a network
   * @throws IllegalStateException if the model is a layer that is trained on its own
   */
  static Network of(Model model) {
    if (model instanceof MultiLayerNetwork network) {
      return new NetworkOfLayers(network);
    } else if (model instanceof ComputationGraph graph) {
      return new NetworkOfVertices(graph);
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

  /** Returns all parts in the order of the parameter vector, including those without parameters. */
  abstract List<Part> parts();

  /** Returns the layer that reads the outputs of a part, if it is the only reader. */
  abstract Optional<Part> onlyReader(String name);

  /** Returns the updater; null if it has no blocks. All of DL4J's own updaters have blocks. */
  abstract @Nullable BaseMultiLayerUpdater<?> updater();

  /** Returns all state of the updater; null if it has none. */
  final @Nullable INDArray updaterState() {
    BaseMultiLayerUpdater<?> updater = updater();
    INDArray state = updater == null ? null : updater.getStateViewArray();
    return state == null || state.isEmpty() ? null : state;
  }

  /** Returns the updater if it exists already; DL4J creates it lazily, with its state. */
  abstract @Nullable BaseMultiLayerUpdater<?> updaterIfAny();

  /** Returns whether backpropagation through time is truncated. */
  abstract boolean truncates();

  /** Returns how many iterations DL4J makes of a batch. */
  abstract long iterationsOf(MultiDataSet batch);

  /** Returns the number of segments in truncated backpropagation through time. */
  static long segments(long steps, int length) {
    return (steps + length - 1) / length;
  }

  abstract int iteration();

  abstract int epoch();

  abstract void setCounts(int iteration, int epoch);

  abstract Collection<TrainingListener> listeners();

  /**
   * Sets one learning rate for all layers, including wrapped ones, and makes DL4J recreate its
   * updater with an empty state. (DL4J's own method leaves out wrapped layers, and fails if blocks
   * change and one of them has no state.)
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

  /** Discards the updater; DL4J recreates it when it is needed. */
  abstract void forgetUpdater();

  /** Gives the network its own list of listeners. */
  abstract void separateListeners();

  /**
   * Returns the length of the parameter vector. The counts of DL4J's layers omit pretraining
   * parameters.
   */
  final long count() {
    INDArray parameters = model().params();
    return parameters == null ? 0 : parameters.length();
  }

  final INDArray parameters() {
    return model().params();
  }

  /** Returns the gradient that was computed last. */
  final INDArray gradient() {
    INDArray gradient = gradientIfAny();
    if (gradient == null) {
      throw new IllegalStateException(
          "expected a network that has computed a gradient, but this one has trained on no batch"
              + " yet");
    }
    return gradient;
  }

  /** Returns the gradient; null before the first one. */
  final @Nullable INDArray gradientIfAny() {
    return model().getGradientsViewArray();
  }
}
