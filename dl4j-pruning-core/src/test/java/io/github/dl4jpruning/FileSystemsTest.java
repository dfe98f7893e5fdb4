package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.checkpoint.PruningCheckpointListener;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.io.FolderLock;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.iterative.IterativePruningResult;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.structured.StructuredPruner;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepSpace;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Everything that takes a path works with any file system: in memory, or inside a zip. */
class FileSystemsTest {

  private static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private static ListDataSetIterator<DataSet> data() {
    return new ListDataSetIterator<>(DENSE.batch(1).asList(), 5);
  }

  private static DataSetLossCalculator loss() {
    return new DataSetLossCalculator(data(), true);
  }

  private static void useEverything(Path folder) throws IOException {
    MultiLayerNetwork network = DENSE.build();
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(network);
    network.addListeners(
        PruningCheckpointListener.builder(folder.resolve("c"), pruning)
            .everyIterations(1)
            .keepLast(2)
            .build());
    for (int t = 0; t < 4; t++) {
      network.fit(DENSE.batch(t));
    }
    Path saved = folder.resolve("saved.zip");
    PruningCheckpoint.save(network, pruning, saved);
    Path compact = folder.resolve("saved.compact");
    CompactModelSerializer.write(network, compact);

    long[] bits = Invariants.bits(network);
    assertThat(Invariants.bits(PruningCheckpoint.load(saved).network())).isEqualTo(bits);
    assertThat(Invariants.bits(CompactModelSerializer.restore(compact).network())).isEqualTo(bits);
    Path latest = PruningCheckpointListener.latest(folder.resolve("c")).orElseThrow();
    assertThat(latest.getFileName()).hasToString("checkpoint-000000004.zip");
    assertThat(Invariants.bits(PruningCheckpoint.load(latest).network())).isEqualTo(bits);
    rounds(folder.resolve("rounds"));
    structured(folder.resolve("structured"));
    sweep(folder.resolve("sweep"));
  }

  private static void rounds(Path folder) throws IOException {
    for (int i = 0; i < 2; i++) { // the second time everything is read
      IterativePruningResult result =
          IterativePruner.builder()
              .targets(0.5)
              .fineTuneEpochs(1)
              .scoreCalculator(loss())
              .directory(folder)
              .build()
              .prune(DENSE.build(), data());
      assertThat(result.pruning().sparsity()).isBetween(0.49, 0.51);
    }
  }

  private static void structured(Path folder) throws IOException {
    for (int i = 0; i < 2; i++) {
      StructuredPruner.builder()
          .targetParameters(0.7)
          .fineTuneEpochs(1)
          .scoreCalculator(loss())
          .directory(folder)
          .build()
          .prune(DENSE.build(), data());
    }
    assertThat(folder.resolve("round-01.zip")).exists();
  }

  private static void sweep(Path folder) throws IOException {
    SweepSpace space =
        new SweepSpace(
            List.of(0.5),
            List.of(Shape.ONE_SHOT),
            List.of(1),
            List.of(2),
            List.of(1),
            List.of(io.github.dl4jpruning.allocate.SparsityDistribution.global()),
            List.of(Double.NaN));
    for (int i = 0; i < 2; i++) {
      ScheduleSweep.builder()
          .settings(space.grid())
          .denseEpochs(1)
          .epochs(1)
          .scoreCalculator(FileSystemsTest::loss)
          .directory(folder)
          .build()
          .run(DENSE.build(), FileSystemsTest::data);
    }
  }

  @Test
  void filesInMemoryWillDo() throws IOException {
    for (Configuration kind : List.of(Configuration.unix(), Configuration.windows())) {
      try (FileSystem memory = Jimfs.newFileSystem(kind)) {
        useEverything(memory.getRootDirectories().iterator().next().resolve("runs"));
      }
    }
  }

  @Test
  void aZipWillDo(@TempDir Path folder) throws IOException {
    URI zip = URI.create("jar:" + folder.resolve("archive.zip").toUri());
    try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      useEverything(inside.getPath("/runs"));
    }
    try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of())) {
      Path file = inside.getPath("/runs/saved.zip");
      assertThat(PruningCheckpoint.load(file).multiLayerNetwork().getIterationCount()).isEqualTo(4);
    }
  }

  @Test
  void twoRunsInOneFolderAreRefused(@TempDir Path folder) throws IOException {
    try (FolderLock held = FolderLock.of(folder)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> rounds(folder)).hasMessageContaining("no other job writes to");
      assertThatThrownBy(() -> structured(folder)).hasMessageContaining("no other job writes to");
      assertThatThrownBy(() -> sweep(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.toString());
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
