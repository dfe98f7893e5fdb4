package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;

/** All forms of data, jobs that are interrupted, and what is refused. With Kryo. */
class SparkDataTest {

  private static JavaSparkContext context;

  private final PruningConfig config = SparkFixtures.ramp().build().config();
  private final ParameterAveragingTrainingMaster master = SparkFixtures.master(2, 2);

  @BeforeAll
  static void begin() {
    SparkConf conf =
        SparkFixtures.local(2)
            .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .set("spark.kryo.registrator", "org.nd4j.kryo.Nd4jRegistrator");
    context = new JavaSparkContext(conf);
  }

  @AfterAll
  static void end() {
    context.close();
  }

  private SparkDl4jMultiLayer layers() {
    return SparkFixtures.layers(context, new Adam(0.01), master);
  }

  private SparkComputationGraph graph() {
    return SparkFixtures.graph(context, new Adam(0.01), master);
  }

  private static void isPruned(PruningListener pruning) {
    assertThat(pruning.isAtTarget()).isTrue();
    assertThat(pruning.movedWeights()).isEmpty();
    assertThat(pruning.sparsity()).isBetween(0.745, 0.755);
  }

  @Test
  void shouldTakeDataSetsMultiDataSetsAndFiles(@TempDir Path folder) throws IOException {
    List<DataSet> batches = SparkFixtures.batches(40);
    SparkPruning spark = SparkPruning.of(config);
    isPruned(spark.train(layers(), master, context.parallelize(batches), 2));
    isPruned(spark.train(graph(), master, context.parallelize(batches), 2));

    List<MultiDataSet> multi = batches.stream().map(DataSet::toMultiDataSet).toList();
    isPruned(spark.trainMultiDataSets(graph(), master, context.parallelize(multi), 2));

    List<String> files = new ArrayList<>();
    List<String> multiFiles = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      Path file = folder.resolve(i + ".bin");
      batches.get(i).save(file.toFile());
      files.add(file.toUri().toString());
      Path multiFile = folder.resolve(i + ".multi");
      multi.get(i).save(multiFile.toFile());
      multiFiles.add(multiFile.toUri().toString());
    }
    isPruned(spark.trainPaths(layers(), master, context.parallelize(files), 2));
    PruningConfig taylor =
        SparkFixtures.ramp().criterion(ImportanceCriterion.taylor()).build().config();
    isPruned(SparkPruning.of(taylor).trainPaths(layers(), master, context.parallelize(files), 2));
    isPruned(
        SparkPruning.of(taylor).trainPaths(graph(), master, context.parallelize(multiFiles), 2));
  }

  /** Single examples are put together to batches by DL4J. */
  @Test
  void shouldTakeSingleExamples() throws IOException {
    List<DataSet> examples = new ArrayList<>();
    SparkFixtures.batches(40).forEach(batch -> examples.addAll(batch.asList()));
    ParameterAveragingTrainingMaster ofExamples =
        new ParameterAveragingTrainingMaster.Builder(2, 1)
            .batchSizePerWorker(SparkFixtures.BATCH)
            .averagingFrequency(2)
            .saveUpdater(true)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .build();
    SparkDl4jMultiLayer network = SparkFixtures.layers(context, new Adam(0.01), ofExamples);
    isPruned(
        SparkPruning.of(config).train(network, ofExamples, context.parallelize(examples, 3), 2));
    assertThat(network.getNetwork().getLayerWiseConfigurations().getIterationCount()).isEqualTo(40);
  }

  /** A worker that fails for good. */
  private static final class Failing extends BaseTrainingListener implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      if (iteration >= 13) {
        throw new IllegalStateException("broken on purpose");
      }
    }
  }

  /** A job that stops and is started again ends where an undisturbed one does. */
  @Test
  void shouldGoOnAfterAnInterruption(@TempDir Path folder) throws IOException {
    JavaRDD<DataSet> data = context.parallelize(SparkFixtures.batches(18), 2);
    for (ImportanceCriterion criterion :
        List.of(ImportanceCriterion.magnitude(), ImportanceCriterion.movement())) {
      PruningConfig own = SparkFixtures.ramp().criterion(criterion).build().config();
      SparkDl4jMultiLayer whole = layers();
      PruningListener undisturbed = SparkPruning.of(own).seed(7).train(whole, master, data, 3);

      String checkpoints = folder.resolve(criterion.toString()).toUri().toString();
      SparkDl4jMultiLayer first = layers();
      master.setListeners(List.of(new Failing()));
      assertThatThrownBy(
              () ->
                  SparkPruning.of(own)
                      .seed(7)
                      .checkpoints(checkpoints)
                      .train(first, master, data, 3))
          .hasMessageContaining("broken on purpose");
      assertThat(first.getNetwork().getListeners()).as("nothing stays attached").isEmpty();
      master.setListeners(List.of());
      try (Stream<Path> files = Files.list(folder.resolve(criterion.toString()))) {
        assertThat(files.filter(file -> file.toString().endsWith(".zip"))).hasSize(2);
      }
      // The network that is given is the one that goes on.
      SparkDl4jMultiLayer second = layers();
      MultiLayerNetwork given = second.getNetwork();
      PruningListener resumed =
          SparkPruning.of(own).seed(7).checkpoints(checkpoints).train(second, master, data, 3);

      isPruned(resumed);
      assertThat(second.getNetwork()).isSameAs(given);
      assertThat(given.getListeners()).hasSize(1);
      assertThat(resumed.masks()).isEqualTo(undisturbed.masks());
      assertThat(given.params().distance2(whole.getNetwork().params())).isZero();
      // Started once more, nothing is left to do. A damaged file costs one round.
      try (Stream<Path> files = Files.list(folder.resolve(criterion.toString()))) {
        Path last =
            files
                .filter(file -> file.toString().endsWith(".zip"))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Files.write(last, new byte[] {1, 2, 3});
        Files.deleteIfExists(last.resolveSibling("." + last.getFileName() + ".crc"));
      }
      SparkDl4jMultiLayer third = layers();
      SparkPruning.of(own).seed(7).checkpoints(checkpoints).train(third, master, data, 3);
      assertThat(third.getNetwork().params().distance2(whole.getNetwork().params())).isZero();
      isRefused(
          () ->
              SparkPruning.of(own)
                  .seed(8)
                  .checkpoints(checkpoints)
                  .train(layers(), master, data, 3),
          "is of one with 'seed: 7' in place of 'seed: 8'");
      isRefused(
          () ->
              SparkPruning.of(own)
                  .seed(7)
                  .checkpoints(checkpoints)
                  .train(SparkFixtures.layers(context, new Adam(0.02), master), master, data, 3),
          "0.01");
    }
  }

  private static void isRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldTakeEmptyPartitionsAndFewExamples() throws IOException {
    // Partitions without data, and rounds in which a worker has none.
    isPruned(
        SparkPruning.of(config)
            .train(layers(), master, context.parallelize(SparkFixtures.batches(3), 8), 20));
    isPruned(
        SparkPruning.of(config)
            .train(layers(), master, context.parallelize(SparkFixtures.batches(1), 1), 20));
  }

  @Test
  void shouldRefuseWhatItCannotDo() {
    JavaRDD<DataSet> data = context.parallelize(SparkFixtures.batches(4), 2);
    SparkPruning spark = SparkPruning.of(config);
    assertThatThrownBy(() -> SparkPruning.of(null)).hasMessage("config must be set, but is null");
    assertThatThrownBy(
            () ->
                SparkPruning.of(
                    SparkFixtures.ramp().rule(MaskRule.hardThresholding()).build().config()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hardThresholding chooses the weights anew after every step");
    for (ImportanceCriterion criterion :
        List.of(ImportanceCriterion.activation(), ImportanceCriterion.fisher())) {
      assertThatThrownBy(
              () -> SparkPruning.of(SparkFixtures.ramp().criterion(criterion).build().config()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("which only the workers see");
    }
    TrainingMaster<?, ?> other =
        (TrainingMaster<?, ?>)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TrainingMaster.class},
                (p, m, a) -> null);
    ParameterAveragingTrainingMaster exporting =
        new ParameterAveragingTrainingMaster.Builder(2, SparkFixtures.BATCH)
            .batchSizePerWorker(SparkFixtures.BATCH)
            .build();
    isRefused(
        () -> spark.train(layers(), exporting, data, 1),
        "must have rddTrainingApproach(RDDTrainingApproach.Direct), but it has Export");
    assertThatThrownBy(() -> spark.train(layers(), other, data, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SharedTrainingMaster cannot hold masks");
    assertThatThrownBy(() -> spark.train(layers(), null, data, 1)).hasMessageContaining("is null");
    assertThatThrownBy(() -> spark.train((SparkDl4jMultiLayer) null, master, data, 1))
        .hasMessage("network must be set, but is null");
    assertThatThrownBy(() -> spark.train(layers(), master, data, 0))
        .hasMessageContaining("epochs be 1 or more");
    assertThatThrownBy(() -> spark.train(layers(), master, context.emptyRDD(), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data must hold at least one data set, but is empty");

    SparkDl4jMultiLayer attached = layers();
    SparkFixtures.ramp().build().attachTo(attached.getNetwork());
    assertThatThrownBy(() -> spark.train(attached, master, data, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pruning listener");
    assertThat(attached.getNetwork().getListeners()).hasSize(1);

    SparkDl4jMultiLayer uninitialised = layers();
    uninitialised.setNetwork(
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(8).nOut(4).build())
                .layer(new OutputLayer.Builder().nIn(4).nOut(4).build())
                .build()));
    assertThatThrownBy(() -> spark.train(uninitialised, master, data, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("init() was not called");
  }

  /** One bit per weight, and nothing for a tensor whose mask has not changed. */
  @Test
  void shouldShipOneBitForEachWeight() throws IOException {
    int weights = 100_000;
    boolean[] kept = new boolean[weights];
    for (int i = 0; i < weights; i++) {
      kept[i] = i % 3 == 0;
    }
    Mask mask = Mask.of(kept);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(PackedMask.of("layer0.W", mask));
    }
    assertThat(bytes.size()).isLessThan(4 * weights / 30);
    assertThat(PackedMask.of("layer0.W", mask).unpacked()).isEqualTo(mask);

    try (MaskShipment shipment = new MaskShipment(context, List.of("a.W", "b.W"))) {
      Mask dense = Mask.dense(weights);
      shipment.ship(List.of(dense, dense), 0, 0);
      assertThat(shipment.shippedWeights()).isEqualTo(2L * weights);
      shipment.ship(List.of(dense, mask), 1, 0);
      assertThat(shipment.shippedWeights()).isEqualTo(3L * weights);
      shipment.ship(List.of(dense, mask), 2, 0);
      assertThat(shipment.shippedWeights()).isEqualTo(3L * weights);
    }
  }

  @Test
  void shouldPermuteAllNumbers() {
    for (long size : new long[] {1, 2, 3, 7, 64, 1000, 1025}) {
      for (long key : new long[] {0, 1, -5}) {
        Shuffle shuffle = new Shuffle(size, key);
        long[] positions = IntStream.range(0, (int) size).mapToLong(shuffle::position).toArray();
        long[] sorted = positions.clone();
        Arrays.sort(sorted);
        assertThat(sorted).isEqualTo(IntStream.range(0, (int) size).asLongStream().toArray());
      }
    }
    long[] first = IntStream.range(0, 100).mapToLong(new Shuffle(100, 1)::position).toArray();
    long[] second = IntStream.range(0, 100).mapToLong(new Shuffle(100, 2)::position).toArray();
    assertThat(first).isNotEqualTo(second);
    assertThat(IntStream.range(0, 100).filter(i -> first[i] == i).count()).isLessThan(10);
  }
}
