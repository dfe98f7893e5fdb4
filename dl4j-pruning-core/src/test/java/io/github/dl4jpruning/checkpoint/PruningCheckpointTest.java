package io.github.dl4jpruning.checkpoint;

import static io.github.dl4jpruning.checkpoint.CheckpointFixtures.ramp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Penalty;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
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

/**
 * What a checkpoint keeps, and when its listener writes and deletes one: training goes on from it
 * to the same bits.
 */
class PruningCheckpointTest {

  private static final int END = 12;
  @TempDir Path folder;

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
