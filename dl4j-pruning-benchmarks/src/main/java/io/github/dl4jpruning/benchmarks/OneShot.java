package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.oneshot.OneShotPruner;
import io.github.dl4jpruning.oneshot.OneShotResult;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
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
 * Measures pruning without training to 90%, by reconstruction, from 512 random inputs. A process
 * prunes one network once, since its peak of memory is reported, too. Random inputs are not
 * correlated; this decides the accuracy, but not the time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(
    value = 3,
    jvmArgs = {"-Xmx700m", "-XX:+UseSerialGC", "-Dorg.nd4j.log.initialization=false"})
public class OneShot {

  private static final int BATCHES = 8;
  private static final int BATCH = 64;
  private static final double KILOBYTES_PER_MEGABYTE = 1 << 10;

  /** Units of each layer, inputs first. */
  @Param({"784-300-100-10", "4096-4096-2"})
  public String units;

  private MultiLayerNetwork network;
  private final List<DataSet> inputs = new ArrayList<>();

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** The most physical memory that the process had (Linux); 0 where that is unknown. */
    public double peakMegabytes;
  }

  /** Creates network and inputs. */
  @Setup
  public void make() {
    int[] sizes = Stream.of(units.split("-", -1)).mapToInt(Integer::parseInt).toArray();
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder().seed(1).activation(Activation.RELU).list();
    for (int i = 1; i + 1 < sizes.length; i++) {
      layers.layer(new DenseLayer.Builder().nIn(sizes[i - 1]).nOut(sizes[i]).build());
    }
    layers.layer(
        new OutputLayer.Builder()
            .nIn(sizes[sizes.length - 2])
            .nOut(sizes[sizes.length - 1])
            .activation(Activation.SOFTMAX)
            .build());
    network = new MultiLayerNetwork(layers.build());
    network.init();
    for (int i = 0; i < BATCHES; i++) {
      inputs.add(new DataSet(Nd4j.rand(BATCH, sizes[0]), null));
    }
  }

  /**
   * Prunes the dense layers.
   *
   * @param counters takes the peak of memory
   * @return the pruned network
   * @throws IOException if the peak cannot be read
   */
  @Benchmark
  public OneShotResult<MultiLayerNetwork> prune(Counters counters) throws IOException {
    OneShotResult<MultiLayerNetwork> result =
        OneShotPruner.builder()
            .sparsity(0.9)
            .parameters(ParameterFilter.types("DenseLayer"))
            .build()
            .prune(network, new ExistingDataSetIterator(inputs));
    counters.peakMegabytes = peak();
    return result;
  }

  private static double peak() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
          .map(kilobytes -> kilobytes / KILOBYTES_PER_MEGABYTE)
          .findFirst()
          .orElse(0);
    }
  }
}
