package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class ModelFileKindsTest {

  private static final int INPUTS = 30;

  @TempDir Path folder;

  private static Model load(Path file) throws IOException {
    return ModelFile.load(file).network();
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(20).build())
                .layer(new OutputLayer.Builder().nOut(10).build())
                .setInputType(InputType.feedForward(INPUTS))
                .build());
    network.init();
    network.fit(Nd4j.rand(4, INPUTS), Nd4j.rand(4, 10));
    return network;
  }

  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(INPUTS).nOut(10).build(), "in")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  private static void zip(MultiLayerNetwork network, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      ModelSerializer.writeModel(network, out, true);
    }
  }

  @Test
  void shouldReadEveryKindOfFileWhateverItsName() throws IOException {
    MultiLayerNetwork network = network();
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    Path zip = folder.resolve("model.compact");
    zip(network, zip);
    Path compact = folder.resolve("model.zip");
    CompactModelSerializer.write(network, compact);
    Path graph = folder.resolve("graph");
    CompactModelSerializer.write(graph(), graph);
    Path halves = folder.resolve("halves.txt");
    CompactModelSerializer.write(network, halves, CompactOptions.halfPrecision());
    Path checkpoint = folder.resolve("checkpoint");
    pruning.attachTo(network);
    network.fit(Nd4j.rand(4, INPUTS), Nd4j.rand(4, 10));
    PruningCheckpoint.save(network, pruning, checkpoint);

    MultiLayerNetwork read = (MultiLayerNetwork) load(checkpoint);

    assertThat(read.params()).isEqualTo(network.params());
    assertThat(read.getListeners()).isEmpty();
    assertThat(load(zip).params()).isEqualTo(load(compact).params());
    assertThat(load(graph)).isInstanceOf(ComputationGraph.class);
    assertThat(load(halves).numParams()).isEqualTo(network.numParams());
  }

  @Test
  void shouldReadFromAnyFileSystem() throws IOException {
    URI uri = URI.create("jar:" + folder.resolve("models.zip").toUri());
    MultiLayerNetwork network = network();
    try (FileSystem inside = FileSystems.newFileSystem(uri, Map.of("create", "true"))) {
      Path zip = inside.getPath("/a.zip");
      zip(network, zip);
      Path compact = inside.getPath("/a.compact");
      try (OutputStream out = Files.newOutputStream(compact)) {
        CompactModelSerializer.write(network, out, CompactOptions.lossless());
      }

      assertThat(load(zip).params()).isEqualTo(network.params());
      assertThat(load(compact).params()).isEqualTo(network.params());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DL4JPRUN and more | found the state of a listener, without its network",
        "PK\u0003\u0004 and no more | found a zip without configuration.json",
        "DL4JCOMP and no more | bad.zip: ",
        "<html> | found a file of another kind",
        "P | found a file of another kind",
      })
  void shouldSayWhatAFileIsThatIsNone(String content, String message) throws IOException {
    Path file = folder.resolve("bad.zip");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> load(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void shouldSayWhatIsMissingOrDamaged() throws IOException {
    assertThatThrownBy(() -> load(folder))
        .hasMessageContaining("or a compact file, but found a folder");
    assertThatThrownBy(() -> load(folder.resolve("none")))
        .hasMessageContaining("but found no file");
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(() -> load(empty)).hasMessageContaining("but found an empty file");
    Path packed = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(1);
    }
    assertThatThrownBy(() -> load(packed))
        .hasMessageContaining("but found a gzipped file; unpack it first");
    Path other = folder.resolve("other.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(other))) {
      out.putNextEntry(new ZipEntry("a.txt"));
    }
    assertThatThrownBy(() -> load(other))
        .hasMessageContaining("but found a zip without configuration.json");
    Path whole = folder.resolve("whole");
    for (boolean compact : new boolean[] {true, false}) {
      if (compact) {
        CompactModelSerializer.write(network(), whole);
      } else {
        zip(network(), whole);
      }
      Path half = folder.resolve("half");
      byte[] bytes = Files.readAllBytes(whole);
      Files.write(half, Arrays.copyOf(bytes, bytes.length / 2));
      assertThatThrownBy(() -> load(half))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(half + ": ");
    }
  }
}
