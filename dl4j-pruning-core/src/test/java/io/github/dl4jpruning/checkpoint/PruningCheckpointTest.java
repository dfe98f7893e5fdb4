package io.github.dl4jpruning.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Penalty;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

class PruningCheckpointTest {

  private static final int END = 12;

  @TempDir Path folder;

  private static PruningListener.Builder ramp() {
    return PruningListener.builder().schedule(SparsitySchedules.linear(0, .7, 2, 9)).updateEvery(3);
  }

  static Stream<IUpdater> updaters() {
    return Stream.of(new Sgd(.1), new Nesterovs(.05, .9), new Adam(.01), new RmsProp(.01));
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void everyCheckpointGoesOnToTheBit(IUpdater updater) throws IOException {
    DataSet[] batches = new DataSet[END];
    for (int t = 0; t < END; t++) {
      batches[t] = Recipe.of(Kind.DENSE).batch(t);
    }
    for (boolean graph : new boolean[] {false, true}) {
      MultiLayerNetwork plain = Networks.withDropout(updater);
      Model network = graph ? plain.toComputationGraph() : plain;
      Path own = folder.resolve("run" + graph);
      PruningListener pruning = ramp().criterion(ImportanceCriterion.movement()).build();
      pruning.attachTo(network);
      network.addListeners(
          PruningCheckpointListener.builder(own, pruning).everyIterations(1).keepLast(99).build());
      for (DataSet batch : batches) {
        Networks.fit(network, batch);
      }
      long[] whole = Invariants.bits(network);

      List<Path> files;
      try (Stream<Path> all = Files.list(own)) {
        files = all.sorted().toList();
      }
      assertThat(files).hasSize(END);
      for (int cut = 1; cut <= END; cut++) {
        PruningCheckpoint loaded = PruningCheckpoint.load(files.get(cut - 1));
        assertThat(loaded.pruning().config().toYaml()).isEqualTo(pruning.config().toYaml());
        for (int t = cut; t < END; t++) {
          Networks.fit(loaded.network(), batches[t]);
        }
        assertThat(Invariants.bits(loaded.network())).as("cut at %d", cut).isEqualTo(whole);
        assertThat(loaded.pruning().sparsity()).isEqualTo(pruning.sparsity());
        assertThat(SparsityReport.of(loaded.network()).sparsity()).isEqualTo(pruning.sparsity());
      }
    }
  }

  @Test
  void everyKindAndType() throws IOException {
    for (Kind kind : Kind.values()) {
      for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
        for (boolean graph : new boolean[] {false, true}) {
          Recipe recipe =
              new Recipe(kind, new Adam(.01), Penalty.L2, GradientNormalization.None, true, type);
          Model network = graph ? recipe.buildGraph() : recipe.build();
          PruningListener pruning = ramp().build();
          pruning.attachTo(network);
          for (int t = 0; t < 5; t++) {
            Networks.fit(network, recipe.batch(t));
          }
          Path file = folder.resolve("one.zip");
          PruningCheckpoint.save(network, pruning, file);
          PruningCheckpoint loaded = PruningCheckpoint.load(file);
          for (int t = 5; t < END; t++) {
            Networks.fit(network, recipe.batch(t));
            Networks.fit(loaded.network(), recipe.batch(t));
          }
          assertThat(Invariants.bits(loaded.network())).isEqualTo(Invariants.bits(network));
        }
      }
    }
  }

  @Test
  void halfPrecisionKeepsItsBits() throws IOException {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Sgd(.05)).with(DataType.FLOAT16);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    for (int t = 0; t < 5; t++) {
      network.fit(recipe.batch(t));
    }
    Path file = folder.resolve("half.zip");
    PruningCheckpoint.save(network, pruning, file);
    MultiLayerNetwork loaded = PruningCheckpoint.load(file).multiLayerNetwork();
    for (int t = 5; t < END; t++) {
      network.fit(recipe.batch(t));
      loaded.fit(recipe.batch(t));
    }
    assertThat(Invariants.bits(loaded)).isEqualTo(Invariants.bits(network));
  }

  @Test
  void stockDl4jReadsTheFile() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    ComputationGraph graph = network.toComputationGraph();
    PruningListener pruning = ramp().build();
    PruningListener graphPruning = ramp().build();
    pruning.attachTo(network);
    graphPruning.attachTo(graph);
    for (int t = 0; t < 10; t++) {
      network.fit(Recipe.of(Kind.DENSE).batch(t));
      graph.fit(Recipe.of(Kind.DENSE).batch(t));
    }
    Path file = folder.resolve("network.zip");
    Path graphFile = folder.resolve("graph.zip");
    PruningCheckpoint.save(network, pruning, file);
    PruningCheckpoint.save(graph, graphPruning, graphFile);

    MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
    ComputationGraph stockGraph = ModelSerializer.restoreComputationGraph(graphFile.toFile(), true);

    assertThat(Invariants.bits(stock)).isEqualTo(Invariants.bits(network));
    assertThat(stock.getUpdater().getStateViewArray())
        .isEqualTo(network.getUpdater().getStateViewArray());
    assertThat(stock.getIterationCount()).isEqualTo(10);
    assertThat(Invariants.bits(stockGraph)).isEqualTo(Invariants.bits(graph));
    assertThatThrownBy(() -> PruningCheckpoint.load(file).computationGraph())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a ComputationGraph");
    assertThatThrownBy(() -> PruningCheckpoint.load(graphFile).multiLayerNetwork())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a MultiLayerNetwork");
  }

  @Test
  void checkpointsAtTheEndOfEpochsCountThem() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    network.addListeners(
        PruningCheckpointListener.builder(folder, pruning).everyEpochs(2).keepLast(2).build());
    var batches =
        new org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator<>(
            Recipe.of(Kind.DENSE).batch(1).asList(), 2); // three batches
    network.fit(batches, 7);

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("checkpoint-000000012.zip", "checkpoint-000000018.zip");
    }
    Path latest = PruningCheckpointListener.latest(folder).orElseThrow();
    MultiLayerNetwork loaded = PruningCheckpoint.load(latest).multiLayerNetwork();
    assertThat(loaded.getEpochCount()).isEqualTo(6);
    assertThat(loaded.getIterationCount()).isEqualTo(18);
    loaded.fit(batches);
    assertThat(Invariants.bits(loaded)).isEqualTo(Invariants.bits(network));
  }

  @Test
  void aRunThatGoesOnCleansUpAfterTheOneThatDied() throws IOException {
    Files.write(folder.resolve("checkpoint-000000001.zip"), new byte[3]);
    Files.write(folder.resolve("checkpoint-000000002.zip"), new byte[3]);
    Path old = folder.resolve("checkpoint-000000003.zip.tmp");
    Files.write(old, new byte[3]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(59)));
    Files.write(folder.resolve("notes.txt"), new byte[3]);
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    network.addListeners(
        PruningCheckpointListener.builder(folder, pruning).everyIterations(4).keepLast(2).build());
    for (int t = 0; t < 4; t++) {
      network.fit(Recipe.of(Kind.DENSE).batch(t));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "checkpoint-000000002.zip", "checkpoint-000000004.zip", "notes.txt");
    }
  }

  @Test
  void whatCannotBeSavedLeavesTheOldFile() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    Path file = folder.resolve("one.zip");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> PruningCheckpoint.save(network, pruning, file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("prunes this network");
    assertThatThrownBy(
            () ->
                io.github.dl4jpruning.io.AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("disk full");
                    }))
        .hasMessage(file + ": expected to write it, but found: disk full");
    assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  private Path saved() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    for (int t = 0; t < 10; t++) {
      network.fit(Recipe.of(Kind.DENSE).batch(t));
    }
    Path file = folder.resolve("saved.zip");
    PruningCheckpoint.save(network, pruning, file);
    return file;
  }

  @Test
  void partsOfTheUsersOwnNeedAListener() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().criterion(tensor -> tensor.weights()).build();
    pruning.attachTo(network);
    network.fit(Recipe.of(Kind.DENSE).batch(1));
    Path file = folder.resolve("own.zip");
    PruningCheckpoint.save(network, pruning, file);

    assertThatThrownBy(() -> PruningCheckpoint.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("use load(file, listener)");
    PruningListener again = ramp().criterion(tensor -> tensor.weights()).build();
    assertThat(PruningCheckpoint.load(file, again).pruning()).isSameAs(again);
  }

  @Test
  void anotherConfigurationOrNetworkIsRefused() throws IOException {
    Path file = saved();
    PruningListener other = ramp().updateEvery(5).build();
    assertThatThrownBy(() -> PruningCheckpoint.load(file, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("updateEvery 5")
        .hasMessageContaining("updateEvery 3");
    PruningListener fewer =
        ramp().parameters(ParameterFilter.weights().onlyLayers("layer1")).build();
    assertThatThrownBy(() -> PruningCheckpoint.load(file, fewer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the state of 1 tensors (layer1.W with the shape 12×6)")
        .hasMessageContaining("found 3");
    // Neither listener is bound by the attempt.
    MultiLayerNetwork fresh = Networks.withDropout(new Adam(.01));
    other.attachTo(fresh);

    Path stock = folder.resolve("stock.zip");
    ModelSerializer.writeModel(fresh, stock.toFile(), true);
    assertThatThrownBy(() -> PruningCheckpoint.load(stock))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stock.zip: expected a checkpoint with the entry pruning.bin")
        .hasMessageContaining("adoptZeros");

    // The masks of one network, in the file of another.
    Path mixed = folder.resolve("mixed.zip");
    Recipe convolution = Recipe.of(Kind.CONVOLUTION);
    MultiLayerNetwork another = convolution.build();
    PruningListener anothers = ramp().build();
    anothers.attachTo(another);
    another.fit(convolution.batch(1));
    Path second = folder.resolve("second.zip");
    PruningCheckpoint.save(another, anothers, second);
    rewrite(file, mixed, "coefficients.bin", bytes(second, "coefficients.bin"));
    assertThatThrownBy(() -> PruningCheckpoint.load(mixed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("parameters: expected ")
        .hasMessageContaining("but found");
  }

  private static byte[] bytes(Path zip, String name) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile());
        InputStream in = file.getInputStream(file.getEntry(name))) {
      return in.readAllBytes();
    }
  }

  /** Copies a zip file with one entry replaced: its checksums are right then. */
  private static void rewrite(Path from, Path to, String name, byte[] content) throws IOException {
    try (ZipFile file = new ZipFile(from.toFile());
        OutputStream out = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Enumeration<? extends ZipEntry> all = file.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        zip.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = file.getInputStream(entry)) {
          zip.write(entry.getName().equals(name) ? content : in.readAllBytes());
        }
        zip.closeEntry();
      }
    }
  }

  /** Either it is refused, or nothing was lost. */
  private static void check(Path file, long[] bits, double sparsity) {
    try {
      PruningCheckpoint loaded = PruningCheckpoint.load(file);
      assertThat(Invariants.bits(loaded.network())).isEqualTo(bits);
      assertThat(loaded.pruning().sparsity()).isEqualTo(sparsity);
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
    }
  }

  @Test
  void damagedFilesAreRefusedWithinLittleMemory() throws IOException {
    Path file = saved();
    byte[] whole = Files.readAllBytes(file);
    PruningCheckpoint good = PruningCheckpoint.load(file);
    long[] bits = Invariants.bits(good.network());
    double sparsity = good.pruning().sparsity();
    List<String> names =
        List.of("configuration.json", "coefficients.bin", "updaterState.bin", "pruning.bin");
    Path bad = folder.resolve("bad.zip");
    Random random = new Random(8);
    long before = Pointer.totalBytes();
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long most = 0;
    for (int i = 0; i < LongForm.choose(2_000, 10_000); i++) {
      switch (i % 5) {
        case 0 -> Files.write(bad, Arrays.copyOf(whole, random.nextInt(whole.length)));
        case 1, 2 -> {
          byte[] flipped = whole.clone();
          for (int flips = random.nextInt(3); flips >= 0; flips--) {
            flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
          }
          Files.write(bad, flipped);
        }
        case 3 -> {
          byte[] lengths = whole.clone();
          int at = random.nextInt(whole.length - 4);
          byte[] value = {
            (byte) random.nextInt(256), (byte) random.nextInt(256), (byte) random.nextInt(256), 127
          };
          System.arraycopy(value, 0, lengths, at, 4);
          Files.write(bad, lengths);
        }
        default -> {
          // Inside an entry, with the zip's own checksum made right again.
          String name = names.get(random.nextInt(names.size()));
          byte[] content = bytes(file, name);
          if (random.nextBoolean()) {
            content = Arrays.copyOf(content, random.nextInt(2 * content.length));
          } else {
            int near = random.nextBoolean() ? Math.min(200, content.length) : content.length;
            content[random.nextInt(near)] = (byte) random.nextInt(256);
          }
          rewrite(file, bad, name, content);
        }
      }
      long start = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      check(bad, bits, sparsity);
      most =
          Math.max(most, threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - start);
    }
    assertThat(most).as("bytes of heap for one file").isLessThan(64L << 20);
    assertThat(Pointer.totalBytes() - before).as("bytes off heap").isLessThan(256L << 20);
  }

  @Test
  void headersThatLieAreRefused() throws IOException {
    Path file = saved();
    byte[] own = bytes(file, "pruning.bin");
    Path bad = folder.resolve("lying.zip");

    byte[] version = own.clone();
    version[11] = 9;
    rewrite(file, bad, "pruning.bin", version);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .hasMessageContaining("expected a pruning checkpoint of version 1, but found version 9");

    byte[] length = own.clone();
    length[12] = 127;
    rewrite(file, bad, "pruning.bin", length);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .hasMessageContaining("expected a header of at most");

    // A head of the parameters that asks for two billion of them.
    byte[] parameters = bytes(file, "coefficients.bin");
    ByteArrayOutputStream huge = new ByteArrayOutputStream();
    huge.write(parameters);
    byte[] lying = huge.toByteArray();
    int at = indexOf(lying, "FLOAT") - 2 - 8; // a long, and the length of the text
    lying[at + 4] = 127;
    rewrite(file, bad, "coefficients.bin", lying);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("parameters: expected 195 values of type FLOAT, but found 21");

    Files.writeString(bad, "not a zip file at all");
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a zip file");
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
  }

  @Test
  void whatIsMissingIsNotMadeUp() throws IOException {
    Path file = saved();
    byte[] own = bytes(file, "pruning.bin");
    CheckpointHeader header = CheckpointHeader.read(new java.io.ByteArrayInputStream(own));
    int length = headerLength(header);
    Path bad = folder.resolve("missing.zip");
    for (String name : List.of("configuration.json", "coefficients.bin", "updaterState.bin")) {
      CheckpointHeader fewer =
          new CheckpointHeader(
              header.kind(),
              header.constraintsPending(),
              header.randomRoot(),
              header.randomNode(),
              header.recipe(),
              header.entries().stream().filter(e -> !e.name().equals(name)).toList());
      rewrite(file, bad, "pruning.bin", joined(fewer, own, length));
      assertThatThrownBy(() -> PruningCheckpoint.load(bad))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected one entry " + name + ", but found 0");
    }
    CheckpointHeader badRecipe =
        new CheckpointHeader(
            header.kind(),
            header.constraintsPending(),
            header.randomRoot(),
            header.randomNode(),
            "schedule: nothing",
            header.entries());
    rewrite(file, bad, "pruning.bin", joined(badRecipe, own, length));
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the pruning configuration cannot be read");

    // A configuration that asks for more than is there is not made a network of.
    byte[] greedy =
        new String(bytes(file, "configuration.json"), StandardCharsets.UTF_8)
            .replace("\"nin\" : 7", "\"nin\" : 70000000")
            .replace("\"nIn\" : 7", "\"nIn\" : 70000000")
            .getBytes(StandardCharsets.UTF_8);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(greedy);
    CheckpointHeader large =
        new CheckpointHeader(
            header.kind(),
            header.constraintsPending(),
            header.randomRoot(),
            header.randomNode(),
            header.recipe(),
            header.entries().stream()
                .map(
                    e ->
                        e.name().equals("configuration.json")
                            ? new CheckpointHeader.Entry(e.name(), greedy.length, crc.getValue())
                            : e)
                .toList());
    Path larger = folder.resolve("larger.zip");
    rewrite(file, bad, "configuration.json", greedy);
    rewrite(bad, larger, "pruning.bin", joined(large, own, length));
    assertThatThrownBy(() -> PruningCheckpoint.load(larger))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bytes of parameters, but the configuration has 840000");
  }

  private static int headerLength(CheckpointHeader header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    header.write(bytes);
    return bytes.size();
  }

  private static byte[] joined(CheckpointHeader header, byte[] own, int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    header.write(bytes);
    bytes.write(own, length, own.length - length);
    return bytes.toByteArray();
  }

  @Test
  void checkpointsOfALongerRunAreLeftAlone() throws IOException {
    Path foreign = folder.resolve("checkpoint-000000900.zip");
    Files.write(foreign, new byte[3]);
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    network.addListeners(
        PruningCheckpointListener.builder(folder, pruning).everyIterations(1).build());
    assertThatThrownBy(() -> network.fit(Recipe.of(Kind.DENSE).batch(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("checkpoint-000000900.zip of another run");
    assertThat(foreign).exists();
    assertThatThrownBy(() -> PruningCheckpointListener.builder(folder, pruning).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("everyIterations or everyEpochs");
    assertThatThrownBy(() -> PruningCheckpointListener.builder(folder, pruning).keepLast(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keepLast must be 1 or more");
  }
}
