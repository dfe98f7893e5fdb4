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
 * A network's configuration as JSON, proved to come back: it was read again, and what was read is
 * equal in all its fields. DL4J writes parts that it cannot read (ND4J's {@code RampSchedule}, a
 * class of the user's own without a creator), and a file with one of them is lost.
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
   * Writes the configuration of a network and reads it again, as DL4J does.
   *
   * @param network the network
   * @param iterationsAhead what to add to its count of iterations: 1 where DL4J has made a step but
   *     not counted it yet
   * @param epochsAhead the same for epochs
   * @return the configuration
   * @throws IllegalArgumentException if it does not come back equal; the message names the part
   */
  public static SavedConfiguration of(Model network, int iterationsAhead, int epochsAhead) {
    Object original = ConfigurationCopy.configurationOf(network);
    return original instanceof ComputationGraphConfiguration graph
        ? of(graph, iterationsAhead, epochsAhead)
        : of((MultiLayerConfiguration) original, iterationsAhead, epochsAhead);
  }

  /**
   * As {@link #of(Model, int, int)}, for a file that is read by the rules for files from anyone.
   *
   * @param network the network
   * @return the configuration
   * @throws IllegalArgumentException if it does not come back equal; the message names the part
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
    } catch (RuntimeException e) { // whatever a part throws when it is written
      throw new IllegalArgumentException(refusal(configuration, reason(e)), e);
    }
  }

  private static SavedConfiguration prove(
      Object original, String json, Function<String, Object> reader) {
    Object readBack;
    try {
      readBack = reader.apply(json);
    } catch (RuntimeException e) { // whatever DL4J says to what it cannot read
      throw new IllegalArgumentException(refusal(original, reason(e)), e);
    }
    ConfigurationComparison comparison = ConfigurationComparison.of(original, readBack);
    if (comparison.difference().isPresent()) {
      throw new IllegalArgumentException(
          "the network's configuration cannot be saved, because it does not come back equal from"
              + " JSON; "
              + comparison.difference().get());
    }
    return new SavedConfiguration(json, readBack, comparison.updatersEqual());
  }

  private static String refusal(Object original, String reason) {
    return "the network's configuration cannot be saved, because DL4J could not read it again: "
        + unreadable(original).map(part -> part + ": ").orElse("")
        + reason
        + " (a class of your own needs a constructor without arguments or a @JsonCreator)";
  }

  /** In one line; the messages of Jackson go on with the text that they were reading. */
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

  /** The layer or vertex that cannot be read on its own, and the smallest part of it. */
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
    } catch (JsonProcessingException | RuntimeException e) { // whatever a part throws
      return false;
    }
  }

  /**
   * The configuration.
   *
   * @return JSON
   */
  public String json() {
    return json;
  }

  /** Whether a network that is made of the JSON lays out its updater's state in the same blocks. */
  boolean keepsUpdaterLayout() {
    return updatersEqual;
  }

  /** What was read; for one network, which keeps it. */
  Object readBack() {
    return readBack;
  }
}
