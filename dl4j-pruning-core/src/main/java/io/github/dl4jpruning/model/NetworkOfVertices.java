package io.github.dl4jpruning.model;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A {@code ComputationGraph}. */
final class NetworkOfVertices extends Network {
  private final ComputationGraph graph;

  NetworkOfVertices(ComputationGraph graph) {
    this.graph = graph;
  }

  @Override
  Model model() {
    return graph;
  }

  @Override
  boolean isInitialised() {
    // A graph has vertices only after init(); there is no other way to see it.
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
  @Nullable BaseMultiLayerUpdater<?> updaterIfAny() {
    return graph.getUpdater(false);
  }

  @Override
  boolean truncates() {
    return graph.getConfiguration().getBackpropType() == BackpropType.TruncatedBPTT;
  }

  /** If a batch cannot be split, DL4J logs a warning and makes no iteration. */
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

  /** DL4J's clone shares the list of its original, so setting one would set both. */
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
