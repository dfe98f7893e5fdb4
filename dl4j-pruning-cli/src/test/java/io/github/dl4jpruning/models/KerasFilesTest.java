package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real Keras files, where this machine has them. */
class KerasFilesTest {

  private static final Path FILES = Path.of("../../shared/data/keras");

  @Test
  void shouldReadThemAll() throws IOException {
    assumeTrue(Files.isDirectory(FILES), "skipped: no Keras files at " + FILES);
    List<Path> files;
    try (Stream<Path> all = Files.list(FILES)) {
      files = all.sorted().toList();
    }
    Map<String, Integer> parameters =
        Map.of(
            "12net.h5", 6632,
            "ELU_0_model.h5", 544,
            "adadelta.h5", 7114,
            "lstm_functional_tf_keras_2.h5", 461,
            "masking_two_lstm.h5", 9600,
            "simple_rnn_tf_keras_2_model.h5", 2651,
            "simple_sparse_xent_mlp_keras_2_model.h5", 15);
    for (Path file : files) {
      ModelFile model = ModelFile.load(file); // with initial weights by decomposition: minutes
      String name = file.getFileName().toString();
      assertThat(model.kind()).isEqualTo(FileKind.KERAS);
      assertThat(model.network().numParams()).as(name).isEqualTo(parameters.get(name).longValue());
      assertThat(model.network().params().maxNumber().doubleValue()).isPositive();
      assertThat(model.notes().toString())
          .as(name)
          .contains(
              name.startsWith("12net")
                  ? "cannot be trained"
                  : name.startsWith("masking") ? "it has LossMSE now" : "[]");
    }
  }

  @Test
  void shouldReadFromAnyFileSystem(@TempDir Path folder) throws IOException {
    Path file = FILES.resolve("adadelta.h5");
    assumeTrue(Files.exists(file), "skipped: no Keras files at " + FILES);
    URI zip = URI.create("jar:" + folder.resolve("files.zip").toUri());
    try (FileSystem system = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path inside = Files.copy(file, system.getPath("/model.h5"));
      assertThat(ModelFile.load(inside).network().params())
          .isEqualTo(ModelFile.load(file).network().params());
    }
  }
}
