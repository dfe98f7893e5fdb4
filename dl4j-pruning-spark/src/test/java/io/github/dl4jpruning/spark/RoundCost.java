package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Measures rounds of LeNet-300-100 with masks at 90% and rounds without, in turn, on the same two
 * workers of this process. Not a test: run it by hand.
 */
final class RoundCost {

  private static final int BATCH = 64;
  private static final int FREQUENCY = 5;
  private static final int WORKERS = 2;
  private static final int ROUNDS = 10;
  private static final int PAIRS = 15;
  private static final double NANOS_PER_MILLI = 1e6;

  private RoundCost() {}

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(1e-7))
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nIn(784).nOut(300).build())
                .layer(new DenseLayer.Builder().nIn(300).nOut(100).build())
                .layer(
                    new OutputLayer.Builder()
                        .nIn(100)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  private static List<DataSet> data() {
    List<DataSet> batches = new ArrayList<>();
    for (int i = 0; i < WORKERS * FREQUENCY * ROUNDS; i++) {
      int[] classes = new int[BATCH];
      Arrays.setAll(classes, k -> k % 10);
      batches.add(new DataSet(Nd4j.rand(BATCH, 784), Nd4j.eye(10).getRows(classes)));
    }
    return batches;
  }

  /**
   * Prints the medians.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException {
    PruningConfig dense =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.0)).build().config();
    PruningConfig masked =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.9)).build().config();
    try (JavaSparkContext context = new JavaSparkContext(SparkFixtures.local(WORKERS))) {
      ParameterAveragingTrainingMaster master =
          new ParameterAveragingTrainingMaster.Builder(WORKERS, BATCH)
              .batchSizePerWorker(BATCH)
              .averagingFrequency(FREQUENCY)
              .saveUpdater(true)
              .rddTrainingApproach(org.deeplearning4j.spark.api.RDDTrainingApproach.Direct)
              .build();
      JavaRDD<DataSet> data = context.parallelize(data(), WORKERS).cache();
      double[] plain = new double[PAIRS];
      double[] pruned = new double[PAIRS];
      double[] differences = new double[PAIRS];
      for (int i = -3; i < PAIRS; i++) {
        double without = plain(context, master, data);
        double with = epoch(context, master, data, masked);
        double held = epoch(context, master, data, dense);
        System.out.printf(
            Locale.ROOT, "plain %.1f ms  dense %.1f ms  90%% %.1f ms%n", without, held, with);
        if (i >= 0) {
          plain[i] = without;
          pruned[i] = with;
          differences[i] = with - without;
        }
      }
      System.out.printf(
          Locale.ROOT,
          "medians of a round: without %.1f ms, with %.1f ms, difference of a pair %.1f ms%n",
          median(plain),
          median(pruned),
          median(differences));
    }
  }

  /** Returns the milliseconds of a round without this library, cut in the same way. */
  private static double plain(
      JavaSparkContext context, ParameterAveragingTrainingMaster master, JavaRDD<DataSet> data) {
    SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, network(), master);
    long start = System.nanoTime();
    try (TrainingRounds<DataSet> rounds =
        TrainingRounds.of(data, (long) WORKERS * FREQUENCY, WORKERS, Optional.of(0L))) {
      for (int round = 0; round < ROUNDS; round++) {
        JavaRDD<DataSet> split = rounds.of(0, round);
        master.executeTraining(network, split);
        split.unpersist();
      }
    }
    return (System.nanoTime() - start) / NANOS_PER_MILLI / ROUNDS;
  }

  private static double epoch(
      JavaSparkContext context,
      ParameterAveragingTrainingMaster master,
      JavaRDD<DataSet> data,
      PruningConfig config)
      throws IOException {
    SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, network(), master);
    long start = System.nanoTime();
    SparkPruning.of(config).train(network, master, data, 1);
    return (System.nanoTime() - start) / NANOS_PER_MILLI / ROUNDS;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
