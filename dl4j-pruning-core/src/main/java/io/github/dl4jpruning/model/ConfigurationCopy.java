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
 * Copies configurations inside a process. Each layer and each vertex goes through JSON if it comes
 * back equal; one that JSON cannot hold is cloned. (DL4J's clones are no match for JSON where it
 * works: some forget a field, and most share their parts with the original, so that a learning rate
 * that is set in one network is set in both.)
 */
public final class ConfigurationCopy {

  private ConfigurationCopy() {}

  /**
   * The configuration of a network, as it is.
   *
   * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
   * @return its configuration; not a copy
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
   * @throws IllegalArgumentException if a part of it can be copied in no way; the message names it
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
    // In another order the parameters would stand in other places.
    int[] order = original.getTopologicalOrder();
    copy.setTopologicalOrder(order == null ? null : order.clone());
    copy.setTopologicalOrderStr(original.getTopologicalOrderStr());
    return copy;
  }

  /** Through JSON, whose copy shares nothing with the original, or else the clone. */
  private static <T> T part(T original, T clone, Class<T> type) {
    Optional<T> read =
        throughJson(original, type)
            .filter(copy -> ConfigurationComparison.of(original, copy).difference().isEmpty());
    if (read.isEmpty()) {
      SharedParts.separate(original, clone);
    }
    return read.orElse(clone); // what it lacks is named when the whole is compared
  }

  /**
   * Makes a part anew from its JSON. Some preprocessors compute a product of their sizes when they
   * are read, and at no other time.
   *
   * @param preProcessor the part
   * @return an equal one; the same one if JSON cannot hold it
   */
  public static InputPreProcessor madeAnew(InputPreProcessor preProcessor) {
    return throughJson(preProcessor, InputPreProcessor.class).orElse(preProcessor);
  }

  static <T> Optional<T> throughJson(T part, Class<T> type) {
    try {
      String json = JsonMappers.getMapper().writeValueAsString(part);
      return Optional.ofNullable(JsonMappers.getMapper().readValue(json, type));
    } catch (JsonProcessingException | RuntimeException e) { // whatever a part throws
      return Optional.empty();
    }
  }
}
