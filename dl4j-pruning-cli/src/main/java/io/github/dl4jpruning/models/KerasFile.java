package io.github.dl4jpruning.models;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.nd4j.shade.jackson.databind.node.TextNode;

/** Reads models that Keras 2 saved, with DL4J's own importer. */
final class KerasFile {

  private static final String CONFIGURATION = "model_config";
  private static final String TRAINING = "training_config";
  private static final String VERSION = "keras_version";
  private static final String BACKEND = "backend";
  private static final int VERSION_LENGTH = 5;
  private static final JsonNode NO_OPTIONS = new ObjectMapper().createObjectNode();

  private final ObjectNode configuration;
  private final Optional<String> training;

  private KerasFile(ObjectNode configuration, Optional<String> training) {
    this.configuration = configuration;
    this.training = training;
  }

  /**
   * Reads a model.
   *
   * @throws IOException if it is damaged, has only weights, or has a layer that DL4J cannot import
   */
  static Model load(Path file) throws IOException {
    if (file.getFileSystem().equals(FileSystems.getDefault())) {
      return loadLocal(file, file);
    }
    // The HDF5 library reads files of the operating system alone.
    Path copy = Files.createTempFile("model", ".h5");
    try {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      return loadLocal(copy, file);
    } finally {
      Files.delete(copy);
    }
  }

  private static Model loadLocal(Path local, Path named) throws IOException {
    try {
      org.bytedeco.hdf5.Exception.dontPrint(); // else the library itself prints what is wrong
      KerasFile file = read(local, named);
      return file.built(local);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // of the importer, checked or not, and of HDF5
      throw ModelFile.none(named, "DL4J's importer says: " + e.getMessage(), e);
    }
  }

  private static KerasFile read(Path local, Path named) throws Exception {
    try (Hdf5Archive archive = new Hdf5Archive(local.toString())) {
      if (!archive.hasAttribute(CONFIGURATION)) {
        throw ModelFile.none(
            named,
            "found weights without an architecture; save the whole model: model.save(\"model.h5\")",
            null);
      }
      ObjectNode configuration =
          (ObjectNode) new ObjectMapper().readTree(archive.readAttributeAsJson(CONFIGURATION));
      configuration.put(VERSION, archive.readAttributeAsFixedLengthString(VERSION, VERSION_LENGTH));
      configuration.put(
          BACKEND,
          archive.hasAttribute(BACKEND) ? archive.readAttributeAsString(BACKEND) : "tensorflow");
      Optional<String> training =
          archive.hasAttribute(TRAINING)
              ? Optional.of(archive.readAttributeAsJson(TRAINING))
              : Optional.empty();
      return new KerasFile(configuration, training);
    }
  }

  private Model built(Path local) throws Exception {
    skipDecompositions(configuration);
    KerasModelBuilder builder =
        new KerasModel()
            .modelBuilder()
            .modelJson(configuration.toString())
            .weightsHdf5Filename(local.toString())
            .enforceTrainingConfig(training.isPresent());
    if (training.isPresent()) {
      builder.trainingJson(training.get());
    }
    return "Sequential".equals(configuration.path("class_name").asText())
        ? builder.buildSequential().getMultiLayerNetwork()
        : builder.buildModel().getComputationGraph();
  }

  /**
   * Replaces orthogonal initialisers. DL4J would decompose a matrix for minutes to get initial
   * weights that the file's weights then replace.
   */
  private static void skipDecompositions(JsonNode node) {
    if (node instanceof ObjectNode object) {
      Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        if (field.getKey().endsWith("_initializer") && isOrthogonal(field.getValue())) {
          field.setValue(
              field.getValue() instanceof ObjectNode
                  ? object
                      .objectNode()
                      .put("class_name", "GlorotUniform")
                      .<ObjectNode>set("config", NO_OPTIONS)
                  : TextNode.valueOf("glorot_uniform"));
        }
      }
    }
    node.forEach(KerasFile::skipDecompositions);
  }

  private static boolean isOrthogonal(JsonNode initializer) {
    String name =
        initializer.isTextual() ? initializer.asText() : initializer.path("class_name").asText();
    return "orthogonal".equalsIgnoreCase(name);
  }
}
