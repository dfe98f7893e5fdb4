package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class ModelFileTest {

  @TempDir private Path folder;

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nIn(3).nOut(2).build())
                .build());
    network.init();
    return network;
  }

  @Test
  void shouldReadZipsAndCompactFilesWhateverTheirNames() throws IOException {
    Path zip = folder.resolve("one");
    Path compact = folder.resolve("two.zip");
    MultiLayerNetwork network = network();
    ModelSerializer.writeModel(network, zip.toFile(), true);
    CompactModelSerializer.write(network, compact);

    assertThat(ModelFile.load(zip).kind()).isEqualTo(FileKind.ZIP);
    assertThat(ModelFile.load(zip).network().params()).isEqualTo(network.params());
    assertThat(ModelFile.load(compact).kind()).isEqualTo(FileKind.COMPACT);
    assertThat(ModelFile.load(compact).network().params()).isEqualTo(network.params());
    assertThat(ModelFile.load(compact).notes()).isEmpty();
  }

  @Test
  void shouldGiveALossToAZipWithoutOne() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new DenseLayer.Builder().nIn(3).nOut(2).activation(Activation.SOFTMAX).build())
                .build());
    network.init();
    Path zip = folder.resolve("dense.zip");
    ModelSerializer.writeModel(network, zip.toFile(), true);

    ModelFile read = ModelFile.load(zip);

    assertThat(read.notes()).hasSize(1);
    assertThat(((MultiLayerNetwork) read.network()).getOutputLayer().conf().getLayer())
        .isInstanceOf(OutputLayer.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DL4JRUNS and more | found a runtime file, which only runs",
        "DL4JPRUN and more | found the state of a listener",
        "DL4JCOMP and more | bad",
        "PK\u0003\u0004 and more | found a zip without configuration.json",
        "text | found a file of another kind",
      })
  void shouldSayWhatAFileIsThatIsNone(String content, String message) throws IOException {
    Path file = folder.resolve("bad");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ModelFile.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void shouldSayWhatIsWrongWithAKerasFile() throws IOException {
    Path file = folder.resolve("half.h5");
    Files.write(file, "\u0089HDF\r\n\u001a\n and no more".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ModelFile.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining("DL4J's importer says");
  }

  @Test
  void shouldSayWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> ModelFile.load(folder)).hasMessageContaining("found a folder");
    assertThatThrownBy(() -> ModelFile.load(folder.resolve("none")))
        .hasMessageContaining("found no file");
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(() -> ModelFile.load(empty)).hasMessageContaining("found an empty file");
  }
}
