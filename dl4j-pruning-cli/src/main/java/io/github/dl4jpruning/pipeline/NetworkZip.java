package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.console.OutputFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Writes networks as DL4J's zips. */
final class NetworkZip {

  private NetworkZip() {}

  /** Writes a network without updater state, and its normaliser. */
  static Path write(
      OutputFolder folder, String name, Model network, Optional<DataNormalization> normalizer)
      throws IOException {
    // DL4J adds a normaliser only to a file, not to a stream.
    Path whole = Files.createTempFile("dl4j-pruning", ".zip");
    try {
      ModelSerializer.writeModel(network, whole.toFile(), false);
      normalizer.ifPresent(fitted -> ModelSerializer.addNormalizerToModel(whole.toFile(), fitted));
      return folder.write(name, to -> Files.copy(whole, to));
    } finally {
      Files.delete(whole);
    }
  }
}
