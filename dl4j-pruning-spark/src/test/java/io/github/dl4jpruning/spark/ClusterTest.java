package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** A master and two workers, each a process. */
@Timeout(600)
class ClusterTest {

  @TempDir static Path folder;
  private static Cluster cluster;

  @BeforeAll
  static void begin() throws IOException, InterruptedException {
    cluster = Cluster.start(folder, 2);
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  /** Writes what a worker has after each iteration into a file of its process. */
  static final class WriteMasks extends BaseTrainingListener implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String to;

    WriteMasks(Path to) {
      this.to = to.toString();
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      try {
        Files.writeString(
            Path.of(to, ProcessHandle.current().pid() + ".txt"),
            iteration + " " + SparkFixtures.zeros(model) + "\n",
            StandardCharsets.UTF_8,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  static Stream<SparkSetting> settings() {
    return Boolean.getBoolean("pruning.fullMatrix") ? SparkSetting.all() : SparkSetting.few();
  }

  /** All with the same two executors. */
  @Test
  void processesHaveTheDriversMasks() throws IOException {
    Path seen = Files.createDirectory(folder.resolve("seen"));
    List<SparkSetting> settings = settings().toList();
    try (JavaSparkContext context = new JavaSparkContext(cluster.conf())) {
      for (int i = 0; i < settings.size(); i++) {
        Path own = Files.createDirectory(seen.resolve("" + i));
        SparkSetting.Trained trained = settings.get(i).train(context, new WriteMasks(own));
        settings.get(i).check(trained, masks(own));
      }
    }
  }

  /** Reads what two processes have written. */
  private static Map<Integer, Set<BitSet>> masks(Path folder) throws IOException {
    Map<Integer, Set<BitSet>> masks = new TreeMap<>();
    List<Path> processes;
    try (var files = Files.list(folder)) {
      processes = files.toList();
    }
    assertThat(processes).as("processes").hasSize(2);
    for (Path process : processes) {
      for (String line : Files.readAllLines(process)) {
        String[] parts = line.split(" ", 2);
        masks
            .computeIfAbsent(Integer.valueOf(parts[0]), i -> new HashSet<>())
            .add(SparkFixtures.bits(parts[1]));
      }
    }
    return masks;
  }

  @Test
  void aLibraryThatTheWorkersLackIsNamed() {
    try (JavaSparkContext context =
        new JavaSparkContext(cluster.conf(Cluster.classPathWithoutLibrary()))) {
      ParameterAveragingTrainingMaster master = SparkFixtures.master(2, 2);
      SparkDl4jMultiLayer network = SparkFixtures.layers(context, new Adam(0.01), master);
      JavaRDD<DataSet> data = context.parallelize(SparkFixtures.batches(4), 2);
      assertThatThrownBy(
              () ->
                  SparkPruning.of(SparkFixtures.ramp().build().config())
                      .train(network, master, data, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ship dl4j-pruning-spark, dl4j-pruning-core");
      assertThat(network.getNetwork().getListeners()).isEmpty();
    }
  }

  private static MultiLayerNetwork train(Cluster of, PruningEventListener events)
      throws IOException {
    try (JavaSparkContext context = new JavaSparkContext(of.conf())) {
      ParameterAveragingTrainingMaster master = SparkFixtures.master(2, 5, Digits.BATCH);
      SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, Digits.network(), master);
      PruningListener pruning =
          SparkPruning.of(DriverProgram.config())
              .addEventListener(events)
              .train(network, master, context.parallelize(Digits.train(), 3), DriverProgram.EPOCHS);
      assertThat(pruning.isAtTarget()).isTrue();
      assertThat(pruning.movedWeights()).isEmpty();
      return network.getNetwork();
    }
  }

  /** A worker is killed in the middle of an epoch; the other one does its work too. */
  @Test
  void aKilledWorkerLosesNothing() throws IOException, InterruptedException {
    MultiLayerNetwork undisturbed = train(cluster, new PruningEventListener() {});
    boolean[] killed = new boolean[1];
    try (Cluster fragile = Cluster.start(Files.createDirectory(folder.resolve("fragile")), 2)) {
      MultiLayerNetwork network =
          train(
              fragile,
              new PruningEventListener() {
                @Override
                public void onMasksUpdated(MasksUpdated event) {
                  if (event.iteration() == 30) {
                    fragile.kill(0);
                    killed[0] = true;
                  }
                }
              });
      assertThat(killed[0]).isTrue();
      assertThat(network.params().distance2(undisturbed.params()))
          .as("the same network as if nothing had happened")
          .isLessThan(1e-5);
      double accuracy = Digits.accuracy(undisturbed);
      assertThat(accuracy).isGreaterThan(0.8);
      assertThat(Digits.accuracy(network)).isCloseTo(accuracy, within(0.005));
    }
  }
}
