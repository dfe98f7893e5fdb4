package io.github.dl4jpruning.model;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Reads a network's configuration from an untrusted text. DL4J creates objects of the classes that
 * the text names. Here only the classes of DL4J's own layers and their parts are allowed, and
 * others that are allowed by name.
 *
 * <p>Jackson asks a validator before it looks up a class. DL4J reads some parts of old
 * configurations a second time without a validator, so {@link ConfigurationForm} checks the text
 * first.
 */
final class SafeConfiguration {

  /** The packages of the classes in DL4J's own configurations. */
  private static final List<String> KNOWN =
      List.of(
          "org.deeplearning4j.nn.conf.",
          "org.deeplearning4j.nn.weights.",
          "org.deeplearning4j.nn.modelimport.keras.preprocessors.",
          "org.deeplearning4j.preprocessors.",
          "org.nd4j.linalg.activations.",
          "org.nd4j.linalg.learning.",
          "org.nd4j.linalg.lossfunctions.",
          "org.nd4j.linalg.schedule.",
          "io.github.dl4jpruning.schedule.");

  /** A class name; Jackson looks up names between angle brackets without asking. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$]+");

  private final Predicate<String> allowed;

  SafeConfiguration(List<String> allowed) {
    this(Set.copyOf(allowed)::contains);
  }

  private SafeConfiguration(Predicate<String> allowed) {
    this.allowed = allowed;
  }

  /** For a text that this process wrote; other readers must allow the classes that it names. */
  static SafeConfiguration ofAllClasses() {
    return new SafeConfiguration(name -> true);
  }

  /**
   * Reads a configuration.
   *
   * @return a {@code MultiLayerConfiguration} or a {@code ComputationGraphConfiguration}
   * @throws IOException if the text names a class that is not allowed, or cannot be read
   */
  Object read(boolean graph, String json) throws IOException {
    ConfigurationForm.check(json, this::isAllowed);
    ObjectMapper mapper = JsonMappers.getMapper().copy();
    mapper.setPolymorphicTypeValidator(new Validator(this));
    Class<?> kind = graph ? ComputationGraphConfiguration.class : MultiLayerConfiguration.class;
    try {
      Object configuration = mapper.readValue(json, kind);
      if (configuration == null) {
        throw new IOException("expected a network's configuration, but it is null");
      }
      return configuration;
    } catch (JsonProcessingException e) {
      // The full message may repeat the whole text.
      throw new IOException(
          "expected a network's configuration, but it cannot be read: " + e.getOriginalMessage(),
          e);
    } catch (RuntimeException | LinkageError e) { // DL4J's classes may throw anything
      throw new IOException(
          "expected a network's configuration, but it cannot be read: " + e.getMessage(), e);
    }
  }

  private boolean isAllowed(String name) {
    if (!NAME.matcher(name).matches()) {
      return false;
    }
    return KNOWN.stream().anyMatch(name::startsWith) || allowed.test(name);
  }

  /** Jackson calls this before it looks up a class. */
  private static final class Validator extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1;

    private final transient SafeConfiguration rule;

    Validator(SafeConfiguration rule) {
      this.rule = rule;
    }

    @Override
    public Validity validateSubClassName(
        MapperConfig<?> config, JavaType baseType, String subClassName) {
      return rule.isAllowed(subClassName) ? Validity.ALLOWED : Validity.DENIED;
    }
  }
}
