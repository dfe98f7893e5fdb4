package io.github.dl4jpruning.model;

import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * Copies configurations inside a process. Each layer and each vertex is copied through JSON if the
 * copy is equal; otherwise it is cloned. (JSON is preferred because some of DL4J's clones lack a
 * field, and most share parts with the original: a learning rate that is set in one network is then
 * set in both.)
 */
public final class ConfigurationCopy {

  private ConfigurationCopy() {}

  /**
   * Returns the configuration of a network.
   *
   * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @return the configuration itself, not a copy
   */
  static Object configurationOf(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getConfiguration()
        : ((MultiLayerNetwork) network).getLayerWiseConfigurations();
  }

  /**
   * Copies the configuration of a network.
   *
   * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @return a {@code MultiLayerConfiguration} or a {@code ComputationGraphConfiguration}, equal in
   *     all its fields
   * @throws IllegalArgumentException if a part of it cannot be copied; the message names the part
   */
  static Object of(Model network) {
    Object original = configurationOf(network);
    Object copy =
        original instanceof ComputationGraphConfiguration graph
            ? copy(graph)
            : copy((MultiLayerConfiguration) original);
    ConfigurationComparison.of(original, copy)
        .difference()
        .ifPresent(
            difference -> {
              throw new IllegalArgumentException(
                  "expected a configuration that can be copied, but its copy differs: "
                      + difference);
            });
    return copy;
  }

  private static MultiLayerConfiguration copy(MultiLayerConfiguration original) {
    MultiLayerConfiguration copy = original.clone();
    for (int i = 0; i < copy.getConfs().size(); i++) {
      copy.getConfs()
          .set(i, part(original.getConf(i), copy.getConf(i), NeuralNetConfiguration.class));
    }
    copy.getInputPreProcessors()
        .replaceAll(
            (i, clone) -> part(original.getInputPreProcess(i), clone, InputPreProcessor.class));
    return copy;
  }

  private static ComputationGraphConfiguration copy(ComputationGraphConfiguration original) {
    ComputationGraphConfiguration copy = original.clone();
    copy.getVertices()
        .replaceAll(
            (name, clone) ->
                part(
                    Objects.requireNonNull(
                        original.getVertices().get(name), "a clone has no other vertices"),
                    clone,
                    GraphVertex.class));
    copy.setIterationCount(original.getIterationCount());
    copy.setEpochCount(original.getEpochCount());
    // The order of the vertices determines the order of the parameters.
    int[] order = original.getTopologicalOrder();
    copy.setTopologicalOrder(order == null ? null : order.clone());
    copy.setTopologicalOrderStr(original.getTopologicalOrderStr());
    return copy;
  }

  /** Copies through JSON, which shares nothing with the original, or else returns the clone. */
  private static <T> T part(T original, T clone, Class<T> type) {
    Optional<T> read =
        throughJson(original, type)
            .filter(copy -> ConfigurationComparison.of(original, copy).difference().isEmpty());
    if (read.isEmpty()) {
      SharedParts.separate(original, clone);
    }
    return read.orElse(clone); // if it differs, the caller reports it
  }

  /**
   * Recreates a preprocessor from its JSON. Some preprocessors compute the product of their sizes
   * only when they are read.
   *
   * @param preProcessor the preprocessor
   * @return an equal preprocessor; the same object if JSON cannot represent it
   */
  public static InputPreProcessor madeAnew(InputPreProcessor preProcessor) {
    return throughJson(preProcessor, InputPreProcessor.class).orElse(preProcessor);
  }

  static <T> Optional<T> throughJson(T part, Class<T> type) {
    try {
      String json = JsonMappers.getMapper().writeValueAsString(part);
      return Optional.ofNullable(JsonMappers.getMapper().readValue(json, type));
    } catch (JsonProcessingException | RuntimeException e) { // a part may throw anything
      return Optional.empty();
    }
  }
}
