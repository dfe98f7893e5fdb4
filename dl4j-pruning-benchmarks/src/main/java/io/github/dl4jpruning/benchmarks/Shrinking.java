package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures shrinking a network of 25 million parameters, with Adam's state. Half of all units are
 * dead because nothing reads them: 5,000 and 4,200 units shrink to half of each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgs = {"-Xmx2g", "-Dorg.nd4j.log.initialization=false"})
public class Shrinking {

  private static final int INPUTS = 784;
  private static final int FIRST = 5_000;
  private static final int SECOND = 4_200;
  private static final int CLASSES = 10;
  private static final double MEGABYTE = 1 << 20;

  private MultiLayerNetwork network;

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Physical memory of the process before shrinking, network included. */
    public double megabytesBefore;

    /** Physical memory after shrinking, both networks included. */
    public double megabytesAfter;
  }

  /** Creates the network. */
  @Setup
  public void make() {
    network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.001))
                .list()
                .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(FIRST).build())
                .layer(new DenseLayer.Builder().nIn(FIRST).nOut(SECOND).build())
                .layer(new OutputLayer.Builder().nIn(SECOND).nOut(CLASSES).build())
                .build());
    network.init();
    network.fit(Nd4j.rand(4, INPUTS), Nd4j.rand(4, CLASSES));
    zeroEveryOtherRow(network.getLayer(1).getParam("W"));
    zeroEveryOtherRow(network.getLayer(2).getParam("W"));
  }

  private static void zeroEveryOtherRow(INDArray weights) {
    for (int row = 0; row < weights.rows(); row += 2) {
      weights.getRow(row).assign(0);
    }
  }

  /**
   * Shrinks the network.
   *
   * @param counters receives the results
   * @return the smaller network
   */
  @Benchmark
  public MultiLayerNetwork shrink(Counters counters) {
    counters.megabytesBefore = Pointer.physicalBytes() / MEGABYTE;
    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
    counters.megabytesAfter = Pointer.physicalBytes() / MEGABYTE;
    return smaller;
  }
}
