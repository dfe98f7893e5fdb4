package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.model.ConfigurationCopy;
import io.github.dl4jpruning.model.NetworkTopology;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Sets new widths in the configuration of a network. */
final class NarrowConfiguration {

  private NarrowConfiguration() {}

  /**
   * Returns a configuration with new widths.
   *
   * @param copy a copy of the network's configuration; it is modified
   * @param topology the topology of the network
   * @param edits the edits by part
   * @param widths the widths of all nodes
   * @return the configuration, of the same type
   */
  static Object of(
      Object copy,
      NetworkTopology topology,
      Map<String, List<FlowBuilder.Edit>> edits,
      FlowBuilder.Widths widths) {
    for (int i = 0; i < topology.nodes().size(); i++) {
      String part = topology.nodes().get(i).name();
      Object configuration;
      Optional<InputPreProcessor> preProcessor = Optional.empty();
      if (copy instanceof MultiLayerConfiguration layers) {
        configuration = layers.getConf(i).getLayer();
        preProcessor = Optional.ofNullable(layers.getInputPreProcess(i));
      } else {
        configuration = vertex(copy, part);
        if (configuration instanceof LayerVertex vertex) {
          preProcessor = Optional.ofNullable(vertex.getPreProcessor());
          configuration = vertex.getLayerConf().getLayer();
        }
      }
      for (FlowBuilder.Edit edit : edits.getOrDefault(part, List.of())) {
        edit.apply(configuration, preProcessor, widths);
      }
      if (preProcessor.isPresent()) {
        // Some preprocessors keep a product of their sizes, which they compute when created.
        InputPreProcessor narrow = ConfigurationCopy.madeAnew(preProcessor.get());
        if (copy instanceof MultiLayerConfiguration layers) {
          layers.getInputPreProcessors().put(i, narrow);
        } else {
          ((LayerVertex) vertex(copy, part)).setPreProcessor(narrow);
        }
      }
    }
    return copy;
  }

  private static Object vertex(Object copy, String part) {
    return FlowReader.unfrozen(
        Objects.requireNonNull(
            ((ComputationGraphConfiguration) copy).getVertices().get(part),
            "a copy has the vertices of its original"));
  }
}
