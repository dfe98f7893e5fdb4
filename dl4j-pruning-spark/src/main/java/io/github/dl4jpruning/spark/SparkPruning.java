package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningEventListener;
import io.github.dl4jpruning.PruningListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Prunes a network while DL4J trains it on Apache Spark, with parameter averaging.
 *
 * <pre>{@code
 * PruningListener pruning =
 *     SparkPruning.of(config)
 *         .checkpoints("hdfs://cluster/runs/first")
 *         .train(sparkNetwork, trainingMaster, data, 10);
 * }</pre>
 *
 * <p>A round is what the workers train on between two averages: {@code averagingFrequency} batches
 * each. Before a round the driver makes masks from the averaged network, if the schedule says so,
 * and ships those that have changed: one bit per weight. Every worker holds them in each iteration,
 * in gradient, updater state and weights, so removed weights are exactly zero on all workers and in
 * their average.
 *
 * <p>Iterations are those of the driver: a round counts {@code averagingFrequency}, however many
 * workers there are. Masks change at the first round in which an update is due.
 *
 * <p>Not thread-safe. An instance may train several networks, one after the other.
 */
public final class SparkPruning {

  private final PruningConfig config;
  private final List<PruningEventListener> listeners = new ArrayList<>();
  private final List<RoundListener> roundListeners = new ArrayList<>();
  private Optional<String> checkpoints = Optional.empty();
  private Optional<Long> seed = Optional.of(0L);

  private SparkPruning(PruningConfig config) {
    this.config = config;
  }

  /**
   * Begins with a configuration.
   *
   * @param config how to prune, for instance {@code PruningListener.builder()…build().config()}
   * @return the choices so far
   * @throws IllegalArgumentException if it is null, or has a part that cannot be used on Spark:
   *     hard thresholding, or a criterion that sees inputs
   */
  public static SparkPruning of(PruningConfig config) {
    if (config == null) {
      throw new IllegalArgumentException("config must be set, but is null");
    }
    SparkRun.checkConfig(config);
    return new SparkPruning(config);
  }

  /**
   * Adds a listener for the events on the driver.
   *
   * @param listener the listener
   * @return this
   */
  public SparkPruning addEventListener(PruningEventListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Adds a listener that is called after each round, for instance to show progress.
   *
   * @param listener the listener
   * @return this
   */
  public SparkPruning addRoundListener(RoundListener listener) {
    roundListeners.add(listener);
    return this;
  }

  /**
   * Saves network and masks after each round, and goes on from there if the job is started again.
   *
   * @param folder where, on any file system that Hadoop knows, for instance {@code hdfs://…} or
   *     {@code file:/…}
   * @return this
   */
  public SparkPruning checkpoints(String folder) {
    this.checkpoints = Optional.of(folder);
    return this;
  }

  /**
   * Sets the seed of the order in which the data comes, which is another one in each epoch.
   *
   * @param value the seed; 0 unless set
   * @return this
   */
  public SparkPruning seed(long value) {
    this.seed = Optional.of(value);
    return this;
  }

  /**
   * Leaves the data in the order in which it comes, the same in each epoch.
   *
   * @return this
   */
  public SparkPruning inOrder() {
    this.seed = Optional.empty();
    return this;
  }

  /**
   * Trains and prunes.
   *
   * @param network the network; its driver's copy has the result
   * @param master parameter averaging
   * @param data the training data
   * @param epochs the number of epochs, those of an interrupted job included
   * @return the listener, attached to the driver's network
   * @throws IOException if checkpoints cannot be read or written
   * @throws IllegalArgumentException if the data is empty, the master of another kind, or the
   *     network cannot be pruned, as in {@link PruningListener#attachTo}
   * @throws IllegalStateException if the network is not initialised or has a pruning listener, or a
   *     worker lacks this library
   */
  public PruningListener train(
      SparkDl4jMultiLayer network, TrainingMaster<?, ?> master, JavaRDD<DataSet> data, int epochs)
      throws IOException {
    requireSet(network, "network");
    return run(new SparkTarget.Layers(network), master)
        .train(data, RoundData.DataSets::new, epochs);
  }

  /**
   * Trains and prunes a graph with one input and one output; see {@link #train(SparkDl4jMultiLayer,
   * TrainingMaster, JavaRDD, int)}.
   *
   * @param graph the graph; its driver's copy has the result
   * @param master parameter averaging
   * @param data the training data
   * @param epochs the number of epochs
   * @return the listener, attached to the driver's graph
   * @throws IOException if checkpoints cannot be read or written
   */
  public PruningListener train(
      SparkComputationGraph graph, TrainingMaster<?, ?> master, JavaRDD<DataSet> data, int epochs)
      throws IOException {
    requireSet(graph, "graph");
    return run(new SparkTarget.Graph(graph), master).train(data, RoundData.DataSets::new, epochs);
  }

  /**
   * Trains and prunes a graph with several inputs or outputs; see {@link
   * #train(SparkDl4jMultiLayer, TrainingMaster, JavaRDD, int)}.
   *
   * @param graph the graph; its driver's copy has the result
   * @param master parameter averaging
   * @param data the training data
   * @param epochs the number of epochs
   * @return the listener, attached to the driver's graph
   * @throws IOException if checkpoints cannot be read or written
   */
  public PruningListener trainMultiDataSets(
      SparkComputationGraph graph,
      TrainingMaster<?, ?> master,
      JavaRDD<MultiDataSet> data,
      int epochs)
      throws IOException {
    requireSet(graph, "graph");
    return run(new SparkTarget.Graph(graph), master)
        .train(data, RoundData.MultiDataSets::new, epochs);
  }

  /**
   * Trains and prunes with files that hold a {@code DataSet} each; see {@link
   * #train(SparkDl4jMultiLayer, TrainingMaster, JavaRDD, int)}.
   *
   * @param network the network; its driver's copy has the result
   * @param master parameter averaging
   * @param paths the files, on any file system that Hadoop knows
   * @param epochs the number of epochs
   * @return the listener, attached to the driver's network
   * @throws IOException if checkpoints cannot be read or written
   */
  public PruningListener trainPaths(
      SparkDl4jMultiLayer network, TrainingMaster<?, ?> master, JavaRDD<String> paths, int epochs)
      throws IOException {
    requireSet(network, "network");
    return run(new SparkTarget.Layers(network), master)
        .train(paths, RoundData.DataSetFiles::new, epochs);
  }

  /**
   * Trains and prunes a graph with files that hold a {@code MultiDataSet} each; see {@link
   * #train(SparkDl4jMultiLayer, TrainingMaster, JavaRDD, int)}.
   *
   * @param graph the graph; its driver's copy has the result
   * @param master parameter averaging
   * @param paths the files, on any file system that Hadoop knows
   * @param epochs the number of epochs
   * @return the listener, attached to the driver's graph
   * @throws IOException if checkpoints cannot be read or written
   */
  public PruningListener trainPaths(
      SparkComputationGraph graph, TrainingMaster<?, ?> master, JavaRDD<String> paths, int epochs)
      throws IOException {
    requireSet(graph, "graph");
    return run(new SparkTarget.Graph(graph), master)
        .train(paths, RoundData.MultiDataSetFiles::new, epochs);
  }

  private SparkRun run(SparkTarget target, TrainingMaster<?, ?> master) {
    return new SparkRun(
        config,
        new SparkRun.Listeners(listeners, roundListeners),
        checkpoints,
        seed,
        target,
        MasterSettings.of(master));
  }

  private static void requireSet(Object value, String name) {
    if (value == null) {
      throw new IllegalArgumentException(name + " must be set, but is null");
    }
  }
}
