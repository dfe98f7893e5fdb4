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
import java.util.stream.Stream;
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
 * Measures rounds with masks at 90% and rounds without, in turn, on the same two workers of this
 * process. Not a test: run it by hand, with the units of each layer, the size of a batch, and the
 * batches of a worker in a round, and the number of pairs.
 */
final class RoundCost {

  private static final int WORKERS = 2;
  private static final int ROUNDS = 12;
  private static final int WARM_UP = 2;
  private static final double NANOS_PER_MILLI = 1e6;

  private final int[] units;
  private final int batch;
  private final int frequency;
  private final int pairs;

  private RoundCost(int[] units, int batch, int frequency, int pairs) {
    this.units = units;
    this.batch = batch;
    this.frequency = frequency;
    this.pairs = pairs;
  }

  /**
   * Prints the times of a round.
   *
   * @param arguments for instance {@code 784-300-100-10 64 5 15}
   */
  public static void main(String[] arguments) throws IOException {
    int[] units = Stream.of(arguments[0].split("-", -1)).mapToInt(Integer::parseInt).toArray();
    new RoundCost(
            units,
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]))
        .run();
  }

  private void run() throws IOException {
    PruningConfig masked =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.9)).build().config();
    try (JavaSparkContext context = new JavaSparkContext(SparkFixtures.local(WORKERS))) {
      ParameterAveragingTrainingMaster master = SparkFixtures.master(WORKERS, frequency, batch);
      JavaRDD<DataSet> data = context.parallelize(data(), WORKERS).cache();
      List<Double> plain = new ArrayList<>();
      List<Double> pruned = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int pair = -WARM_UP; pair < pairs; pair++) {
        boolean plainFirst = pair % 2 == 0;
        double before = plainFirst ? plain(context, master, data) : 0;
        double with = masked(context, master, data, masked);
        double without = plainFirst ? before : plain(context, master, data);
        if (pair >= 0) {
          plain.add(without);
          pruned.add(with);
          ratios.add(with / without - 1);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%s, batch %d, %d batches: without %s ms, with %s ms, more %s %%%n",
          Arrays.toString(units),
          batch,
          frequency,
          spread(plain, 1),
          spread(pruned, 1),
          spread(ratios, 100));
    }
  }

  private MultiLayerNetwork network() {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Adam(1e-7))
            .activation(Activation.RELU)
            .list();
    int last = units.length - 1;
    for (int i = 1; i < last; i++) {
      layers.layer(new DenseLayer.Builder().nIn(units[i - 1]).nOut(units[i]).build());
    }
    layers.layer(
        new OutputLayer.Builder()
            .nIn(units[last - 1])
            .nOut(units[last])
            .activation(Activation.SOFTMAX)
            .build());
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    return network;
  }

  private List<DataSet> data() {
    int classes = units[units.length - 1];
    List<DataSet> batches = new ArrayList<>();
    for (int i = 0; i < WORKERS * frequency * ROUNDS; i++) {
      int[] rows = new int[batch];
      Arrays.setAll(rows, k -> k % classes);
      batches.add(new DataSet(Nd4j.rand(batch, units[0]), Nd4j.eye(classes).getRows(rows)));
    }
    return batches;
  }

  /** Returns the median of the rounds without this library, cut in the same way. */
  private double plain(
      JavaSparkContext context, ParameterAveragingTrainingMaster master, JavaRDD<DataSet> data) {
    SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, network(), master);
    List<Long> times = new ArrayList<>();
    try (TrainingRounds<DataSet> rounds =
        TrainingRounds.of(data, (long) WORKERS * frequency, WORKERS, Optional.of(0L))) {
      for (int round = 0; round < rounds.count(); round++) {
        JavaRDD<DataSet> split = rounds.of(0, round);
        master.executeTraining(network, split);
        split.unpersist();
        times.add(System.nanoTime());
      }
    }
    return median(times);
  }

  private double masked(
      JavaSparkContext context,
      ParameterAveragingTrainingMaster master,
      JavaRDD<DataSet> data,
      PruningConfig config)
      throws IOException {
    SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, network(), master);
    List<Long> times = new ArrayList<>();
    SparkPruning.of(config)
        .addRoundListener(round -> times.add(System.nanoTime()))
        .train(network, master, data, 1);
    return median(times);
  }

  /** Returns the median of the milliseconds between neighbours: without the shuffle. */
  private static double median(List<Long> times) {
    List<Double> steps = new ArrayList<>();
    for (int i = 1; i < times.size(); i++) {
      steps.add((times.get(i) - times.get(i - 1)) / NANOS_PER_MILLI);
    }
    return quantile(steps, 0.5);
  }

  /** Returns the median, and the quartiles in parentheses. */
  private static String spread(List<Double> values, double times) {
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f to %.1f)",
        times * quantile(values, 0.5),
        times * quantile(values, 0.25),
        times * quantile(values, 0.75));
  }

  private static double quantile(List<Double> values, double part) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.round(part * (sorted.size() - 1)));
  }
}
