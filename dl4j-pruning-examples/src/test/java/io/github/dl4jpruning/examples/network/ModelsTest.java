package io.github.dl4jpruning.examples.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.examples.data.ImageFormat;
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
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class ModelsTest {

  @TempDir Path folder;

  private static INDArray probe() {
    return Nd4j.rand(1, ImageFormat.MNIST.values());
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        MnistNetwork.LENET_300_100.build(ImageFormat.MNIST, 3, new Adam(0.01), 0);
    network.fit(Nd4j.rand(4, ImageFormat.MNIST.values()), Nd4j.rand(4, 10));
    return network;
  }

  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nIn(ImageFormat.MNIST.values()).nOut(10).build(),
                    "in")
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
    network.fit(Nd4j.rand(4, ImageFormat.MNIST.values()), Nd4j.rand(4, 10));
    PruningCheckpoint.save(network, pruning, checkpoint);

    MultiLayerNetwork read = (MultiLayerNetwork) Models.load(checkpoint, probe());

    assertThat(read.params()).isEqualTo(network.params());
    assertThat(read.getListeners()).isEmpty();
    assertThat(Models.load(zip, probe()).params())
        .isEqualTo(Models.load(compact, probe()).params());
    assertThat(Models.load(graph, probe())).isInstanceOf(ComputationGraph.class);
    assertThat(Models.load(halves, probe()).numParams()).isEqualTo(network.numParams());
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

      assertThat(Models.load(zip, probe()).params()).isEqualTo(network.params());
      assertThat(Models.load(compact, probe()).params()).isEqualTo(network.params());
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

    assertThatThrownBy(() -> Models.load(file, probe()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void shouldSayWhatIsMissingOrDamaged() throws IOException {
    assertThatThrownBy(() -> Models.load(folder, probe()))
        .hasMessageContaining("or a compact file, but found a folder");
    assertThatThrownBy(() -> Models.load(folder.resolve("none"), probe()))
        .hasMessageContaining("but found no file");
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(() -> Models.load(empty, probe()))
        .hasMessageContaining("but found an empty file");
    Path packed = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(1);
    }
    assertThatThrownBy(() -> Models.load(packed, probe()))
        .hasMessageContaining("but found a gzipped file; unpack it first");
    Path other = folder.resolve("other.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(other))) {
      out.putNextEntry(new ZipEntry("a.txt"));
    }
    assertThatThrownBy(() -> Models.load(other, probe()))
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
      assertThatThrownBy(() -> Models.load(half, probe()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(half + ": ");
    }
    assertThatThrownBy(() -> Models.load(whole, Nd4j.rand(1, 7)))
        .hasMessageContaining("expected a network for these images, but it fails");
  }
}
