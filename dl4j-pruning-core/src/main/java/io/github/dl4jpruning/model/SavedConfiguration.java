package io.github.dl4jpruning.model;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * A network's configuration as JSON that was read back and compared: the result is equal in all
 * fields. DL4J writes some parts that it cannot read (ND4J's {@code RampSchedule}, a user-defined
 * class without a creator), and a file with such a part is lost.
 */
public final class SavedConfiguration {

  private final String json;
  private final Object readBack;
  private final boolean updatersEqual;

  private SavedConfiguration(String json, Object readBack, boolean updatersEqual) {
    this.json = json;
    this.readBack = readBack;
    this.updatersEqual = updatersEqual;
  }

  /**
   * Writes the configuration of a network and reads it back, as DL4J does.
   *
   * @param network the network
   * @param iterationsAhead the number to add to its count of iterations: 1 if DL4J has done a step
   *     but not counted it yet
   * @param epochsAhead the same for epochs
   * @return the configuration
   * @throws IllegalArgumentException if the configuration differs when it is read back; the message
   *     names the part
   */
  public static SavedConfiguration of(Model network, int iterationsAhead, int epochsAhead) {
    Object original = ConfigurationCopy.configurationOf(network);
    return original instanceof ComputationGraphConfiguration graph
        ? of(graph, iterationsAhead, epochsAhead)
        : of((MultiLayerConfiguration) original, iterationsAhead, epochsAhead);
  }

  /**
   * Like {@link #of(Model, int, int)}, but for files that are read as untrusted.
   *
   * @param network the network
   * @return the configuration
   * @throws IllegalArgumentException if the configuration differs when it is read back; the message
   *     names the part
   */
  public static SavedConfiguration forSafeReader(Model network) {
    Object original = ConfigurationCopy.configurationOf(network);
    boolean graph = original instanceof ComputationGraphConfiguration;
    return prove(
        original,
        json(original),
        json -> {
          try {
            return SafeConfiguration.ofAllClasses().read(graph, json);
          } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
          }
        });
  }

  private static SavedConfiguration of(
      MultiLayerConfiguration original, int iterationsAhead, int epochsAhead) {
    int iterations = original.getIterationCount();
    int epochs = original.getEpochCount();
    try {
      original.setIterationCount(iterations + iterationsAhead);
      original.setEpochCount(epochs + epochsAhead);
      return prove(original, json(original), MultiLayerConfiguration::fromJson);
    } finally {
      original.setIterationCount(iterations);
      original.setEpochCount(epochs);
    }
  }

  private static SavedConfiguration of(
      ComputationGraphConfiguration original, int iterationsAhead, int epochsAhead) {
    int iterations = original.getIterationCount();
    int epochs = original.getEpochCount();
    try {
      original.setIterationCount(iterations + iterationsAhead);
      original.setEpochCount(epochs + epochsAhead);
      return prove(original, json(original), ComputationGraphConfiguration::fromJson);
    } finally {
      original.setIterationCount(iterations);
      original.setEpochCount(epochs);
    }
  }

  private static String json(Object configuration) {
    try {
      return configuration instanceof ComputationGraphConfiguration graph
          ? graph.toJson()
          : ((MultiLayerConfiguration) configuration).toJson();
    } catch (RuntimeException e) { // a part may throw anything when it is written
      throw new IllegalArgumentException(refusal(configuration, reason(e)), e);
    }
  }

  private static SavedConfiguration prove(
      Object original, String json, Function<String, Object> reader) {
    Object readBack;
    try {
      readBack = reader.apply(json);
    } catch (RuntimeException e) { // DL4J may throw anything if it cannot read
      throw new IllegalArgumentException(refusal(original, reason(e)), e);
    }
    ConfigurationComparison comparison = ConfigurationComparison.of(original, readBack);
    if (comparison.difference().isPresent()) {
      throw new IllegalArgumentException(
          "the network's configuration cannot be saved, because it differs when it is read back"
              + " from JSON; "
              + comparison.difference().get());
    }
    return new SavedConfiguration(json, readBack, comparison.updatersEqual());
  }

  private static String refusal(Object original, String reason) {
    return "the network's configuration cannot be saved, because DL4J could not read it back: "
        + unreadable(original).map(part -> part + ": ").orElse("")
        + reason
        + " (a class of your own needs a constructor without arguments or a @JsonCreator)";
  }

  /** Returns the reason in one line, since Jackson's messages also quote the text. */
  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message =
        cause instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : cause.getMessage();
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  /** Finds the layer or vertex that cannot be read on its own, and its smallest such part. */
  private static Optional<String> unreadable(Object configuration) {
    if (configuration instanceof ComputationGraphConfiguration graph) {
      return graph.getVertices().entrySet().stream()
          .filter(vertex -> !comesBack(vertex.getValue(), GraphVertex.class))
          .map(vertex -> "vertex " + vertex.getKey() + smallest(vertex.getValue()))
          .findFirst();
    }
    List<NeuralNetConfiguration> layers = ((MultiLayerConfiguration) configuration).getConfs();
    for (int i = 0; i < layers.size(); i++) {
      if (!comesBack(layers.get(i), NeuralNetConfiguration.class)) {
        String name = layers.get(i).getLayer().getLayerName();
        return Optional.of("layer " + (name == null ? i : name) + smallest(layers.get(i)));
      }
    }
    return Optional.empty();
  }

  private static String smallest(Object part) {
    return ConfigurationParts.of(part).stream()
        .filter(inner -> !comesBack(inner.value(), inner.declared()))
        .reduce((outer, inner) -> inner) // the last one is the deepest
        .map(inner -> ", " + inner.path() + " (" + inner.value().getClass().getName() + ")")
        .orElse("");
  }

  private static boolean comesBack(Object part, Class<?> type) {
    try {
      JsonMappers.getMapper().readValue(JsonMappers.getMapper().writeValueAsString(part), type);
      return true;
    } catch (JsonProcessingException | RuntimeException e) { // a part may throw anything
      return false;
    }
  }

  /**
   * Returns the configuration.
   *
   * @return JSON
   */
  public String json() {
    return json;
  }

  /** Returns whether a network created from the JSON has the same blocks of updater state. */
  boolean keepsUpdaterLayout() {
    return updatersEqual;
  }

  /** Returns the object that was read; for one network only, which keeps it. */
  Object readBack() {
    return readBack;
  }
}
