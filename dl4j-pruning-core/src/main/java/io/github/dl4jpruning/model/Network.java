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
 * What DL4J's two kinds of network have in common for pruning, under one face. Arrays are looked up
 * at each call, because DL4J replaces them.
 */
abstract sealed class Network permits NetworkOfLayers, NetworkOfVertices {

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

  /** In the order of the parameter vector; those without parameters included. */
  abstract List<Part> parts();

  /** The layer that alone reads the outputs of a part, if it is one layer. */
  abstract Optional<Part> onlyReader(String name);

  /** Null for an updater without blocks; all of DL4J's own have them. */
  abstract @Nullable BaseMultiLayerUpdater<?> updater();

  /** All state of the updater; null for an updater without. */
  final @Nullable INDArray updaterState() {
    BaseMultiLayerUpdater<?> updater = updater();
    INDArray state = updater == null ? null : updater.getStateViewArray();
    return state == null || state.isEmpty() ? null : state;
  }

  /** The updater if there is one; DL4J makes it, with its state, where it is asked for. */
  abstract @Nullable BaseMultiLayerUpdater<?> updaterIfAny();

  /** Whether backpropagation through time is truncated. */
  abstract boolean truncates();

  /** How many iterations DL4J makes of a batch. */
  abstract long iterationsOf(MultiDataSet batch);

  /** Of backpropagation through time that is truncated. */
  static long segments(long steps, int length) {
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

  /** The gradient that was computed last. */
  final INDArray gradient() {
    INDArray gradient = gradientIfAny();
    if (gradient == null) {
      throw new IllegalStateException(
          "expected a network that has computed a gradient, but this one has trained on no batch"
              + " yet");
    }
    return gradient;
  }

  /** Null before the first gradient. */
  final @Nullable INDArray gradientIfAny() {
    return model().getGradientsViewArray();
  }
}
