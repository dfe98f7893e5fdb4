package io.github.dl4jpruning.models;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.Normalizer;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerType;

/** Reads the normaliser that DL4J stores in the zip of a model. */
final class StoredNormalizer {

  private StoredNormalizer() {}

  static Optional<DataNormalization> of(Path file) throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(ModelSerializer.NORMALIZER_BIN)) {
          return read(file, zip.readAllBytes());
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<DataNormalization> read(Path file, byte[] bytes) throws IOException {
    try {
      // A custom one has the name of a class, which would be created because a file says so.
      DataInputStream header = new DataInputStream(new ByteArrayInputStream(bytes));
      header.readUTF();
      header.readInt();
      String type = header.readUTF();
      if (NormalizerType.CUSTOM.toString().equals(type)) {
        throw ModelFile.none(file, "found a normaliser of a class of its own", null);
      }
      Normalizer<?> normalizer =
          NormalizerSerializer.getDefault().restore(new ByteArrayInputStream(bytes));
      return normalizer instanceof DataNormalization data ? Optional.of(data) : Optional.empty();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // the serializer throws Exception
      throw ModelFile.none(file, "its normaliser cannot be read: " + e.getMessage(), e);
    }
  }
}
