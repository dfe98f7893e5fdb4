package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Compares a mask update with the global distribution to a sort of all magnitudes, for a given
 * number of weights.
 *
 * <p>The update includes everything that happens on such a step: weights are read, scored and
 * checked; masks are selected and written; and weights, Adam's state and the gradient are set to
 * zero where weights are removed. Two updates are timed: from dense to 85%, the largest possible
 * write, and from there to 90%, like an update in the middle of a schedule.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx8g", "-Dorg.nd4j.log.initialization=false"})
public class MaskUpdate {

  /** Number of weights. */
  @Param({"250000", "2500000", "25000000"})
  public int weights;

  private MultiLayerNetwork network;
  private INDArray dense;
  private float[] magnitudes;

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Arrays.sort of all magnitudes. */
    public double sortMillis;

    /** The update from dense to 85%. */
    public double firstUpdateMillis;

    /** The update from 85% to 90%. */
    public double laterUpdateMillis;

    /** Heap that the listener holds after both updates, in bits per weight. */
    public double heapBitsPerWeight;

    /** Time of the sort divided by that of the first update. */
    public double firstTimesFaster;

    /** Time of the sort divided by that of the later update. */
    public double laterTimesFaster;
  }

  /** Returns a network of two layers with the given number of weights in total, and a gradient. */
  static MultiLayerNetwork network(int weights) {
    int hidden = (int) Math.round(Math.sqrt(weights * 2.0));
    int inputs = weights / hidden - 10;
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(1e-3))
                .list()
                .layer(new DenseLayer.Builder().nIn(inputs).nOut(hidden).build())
                .layer(new OutputLayer.Builder().nIn(hidden).nOut(10).build())
                .build());
    network.init();
    network.initGradientsView();
    network.getUpdater();
    return network;
  }

  /** Creates the network. */
  @Setup
  public void prepare() {
    network = network(weights);
    dense = network.params().dup();
    magnitudes = new float[weights];
  }

  /**
   * Measures sorts and updates alternately; for small networks several of each, with their medians.
   *
   * @param counters receives the results
   */
  @Benchmark
  public void update(Counters counters) {
    int rounds = Math.max(1, Math.min(20, 5_000_000 / weights));
    double[] sorts = new double[rounds];
    double[] firsts = new double[rounds];
    double[] laters = new double[rounds];
    float[] values = dense.toFloatVector();
    for (int r = 0; r < rounds; r++) {
      network.params().assign(dense);
      for (int i = 0; i < weights; i++) {
        magnitudes[i] = Math.abs(values[i % values.length]);
      }
      long heapBefore = r == rounds - 1 ? usedHeap() : 0;
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.linear(0.85, 0.9, 0, 1))
              .updateEvery(1)
              .build();
      pruning.attachTo(network);
      sorts[r] = millis(() -> Arrays.sort(magnitudes));
      firsts[r] = millis(() -> at(0, pruning));
      laters[r] = millis(() -> at(1, pruning));
      if (r == rounds - 1) {
        counters.heapBitsPerWeight = (usedHeap() - heapBefore) * 8.0 / weights;
      }
      network.setListeners();
    }
    counters.sortMillis = Pairs.median(sorts);
    counters.firstUpdateMillis = Pairs.median(firsts);
    counters.laterUpdateMillis = Pairs.median(laters);
    counters.firstTimesFaster = counters.sortMillis / counters.firstUpdateMillis;
    counters.laterTimesFaster = counters.sortMillis / counters.laterUpdateMillis;
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void at(int iteration, PruningListener pruning) {
    network.setIterationCount(iteration);
    pruning.onGradientCalculation(network);
  }

  private static double millis(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
