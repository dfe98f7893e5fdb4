package io.github.dl4jpruning.model;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Reads a network's configuration from a text that is not trusted. DL4J takes the names of classes
 * from it, and makes objects of them: here only those of its own layers, and of what belongs to
 * them, unless others are allowed by name.
 *
 * <p>Where Jackson looks up a class, it asks first whether it may. DL4J reads some parts of old
 * configurations once more without asking, so the text is looked over before as well.
 */
final class SafeConfiguration {

  /** Whose classes DL4J's own configurations name. */
  private static final List<String> KNOWN =
      List.of(
          "org.deeplearning4j.nn.",
          "org.deeplearning4j.preprocessors.",
          "org.nd4j.linalg.",
          "io.github.dl4jpruning.schedule.");

  private static final String CLASS = "@class";

  /** The other key whose text DL4J takes for the name of a class, sometimes. */
  private static final String TYPE = "type";

  /** Of a class; what stands between angle brackets is looked up by Jackson without asking. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$]+");

  /** An array in a form of old, whose shape DL4J does not compare with what is there. */
  private static final String OLD_ARRAY = "dataBuffer";

  /** Of an array in a configuration; the product of its numbers is the length of the array. */
  private static final String SHAPE = "shape";

  /** Weights of a loss, one for each class. */
  private static final int LARGEST_AXIS = 1 << 20;

  private static final int MOST_AXES = 3;

  /** More digits than any number has; to read many takes the square of the time. */
  private static final int LONGEST_NUMBER = 64;

  /** Deeper than any configuration; a parser goes one call deeper with each level. */
  private static final int DEEPEST = 100;

  private final List<String> allowed;

  SafeConfiguration(List<String> allowed) {
    this.allowed = List.copyOf(allowed);
  }

  /**
   * Reads a configuration.
   *
   * @return a {@code MultiLayerConfiguration} or a {@code ComputationGraphConfiguration}
   * @throws IOException if it names a class that is not allowed, or cannot be read
   */
  Object read(boolean graph, String json) throws IOException {
    check(json, this::isAllowed);
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
      // Its message repeats the text, maybe all of it.
      throw new IOException(
          "expected a network's configuration, but it cannot be read: " + e.getOriginalMessage(),
          e);
    } catch (RuntimeException | LinkageError e) { // whatever DL4J's classes throw
      throw new IOException(
          "expected a network's configuration, but it cannot be read: " + e.getMessage(), e);
    }
  }

  /** Checks all but the names of classes. */
  static void checkForm(String json) throws IOException {
    check(json, name -> true);
  }

  private static void check(String json, Predicate<String> allowed) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    try (JsonParser parser = factory.createParser(json)) {
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth > DEEPEST) {
          throw new IOException(
              "expected a configuration of at most " + DEEPEST + " levels, but it has more");
        }
        checkValue(token, parser);
        if (token == JsonToken.VALUE_STRING) {
          String key = parser.getCurrentName();
          String text = parser.getText();
          boolean isClass = CLASS.equals(key) || (TYPE.equals(key) && text.indexOf('.') >= 0);
          if (isClass && !allowed.test(text)) {
            throw new IOException(
                "expected a configuration of DL4J's own classes, but it names "
                    + text
                    + "; allow that class if you trust it");
          }
        }
      }
      if (depth != 0) {
        throw new IOException("expected a whole configuration, but it ends too early");
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          "expected a configuration in JSON, but it is damaged: " + e.getOriginalMessage(), e);
    }
  }

  private static void checkValue(JsonToken token, JsonParser parser) throws IOException {
    if (token.isNumeric() && parser.getTextLength() > LONGEST_NUMBER) {
      throw new IOException(
          "expected numbers of at most "
              + LONGEST_NUMBER
              + " digits in the configuration, but found one of "
              + parser.getTextLength());
    }
    if (token == JsonToken.FIELD_NAME && OLD_ARRAY.equals(parser.getText())) {
      throw new IOException("expected a configuration of today, but it has a " + OLD_ARRAY);
    }
    // A product of such numbers cannot wrap within the few axes that an array has.
    boolean inShape =
        parser.getParsingContext().inArray()
            && SHAPE.equals(parser.getParsingContext().getParent().getCurrentName());
    if (inShape
        && token.isNumeric()
        && (parser.getDoubleValue() < 0 || parser.getDoubleValue() > LARGEST_AXIS)) {
      throw new IOException(
          "expected shapes of at most " + LARGEST_AXIS + ", but found " + parser.getText());
    }
    if (inShape && parser.getParsingContext().getCurrentIndex() >= MOST_AXES) {
      throw new IOException("expected shapes of at most " + MOST_AXES + " axes, but found more");
    }
  }

  private boolean isAllowed(String name) {
    if (!NAME.matcher(name).matches()) {
      return false;
    }
    return KNOWN.stream().anyMatch(name::startsWith) || allowed.contains(name);
  }

  /** Asked by Jackson before it looks up a class. */
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
