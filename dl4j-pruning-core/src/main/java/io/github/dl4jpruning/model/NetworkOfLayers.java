package io.github.dl4jpruning.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A {@code MultiLayerNetwork}. */
final class NetworkOfLayers extends Network {
  private final MultiLayerNetwork network;

  NetworkOfLayers(MultiLayerNetwork network) {
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
      // DL4J names unnamed layers by their index; networks from other sources may not.
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

  /** DL4J allows layers with the same name; they are then distinguished by their order. */
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
  @Nullable BaseMultiLayerUpdater<?> updater() {
    return network.getUpdater() instanceof BaseMultiLayerUpdater<?> updater ? updater : null;
  }

  @Override
  @Nullable BaseMultiLayerUpdater<?> updaterIfAny() {
    return network.getUpdater(false) instanceof BaseMultiLayerUpdater<?> updater ? updater : null;
  }

  @Override
  boolean truncates() {
    return network.getLayerWiseConfigurations().getBackpropType() == BackpropType.TruncatedBPTT;
  }

  /** If a batch cannot be split, DL4J logs a warning and makes no iteration. */
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
    // A clone already has its own, empty list.
  }

  @Override
  Collection<TrainingListener> listeners() {
    return network.getListeners();
  }
}
