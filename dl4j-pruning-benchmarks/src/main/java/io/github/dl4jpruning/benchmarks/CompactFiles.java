package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures writing and reading 25 million parameters, in the compact format and with DL4J's {@code
 * ModelSerializer} without updater state: the same network, on the same disk.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgs = {
      "-Xmx512m",
      "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
      "-Dorg.nd4j.log.initialization=false"
    })
public class CompactFiles {

  private static final int INPUTS = 784;
  private static final int FIRST = 5_000;
  private static final int SECOND = 4_200;
  private static final int CLASSES = 10;

  /** The fraction of the weights that is zero. */
  @Param({"0.9", "0.0"})
  private double sparsity;

  private MultiLayerNetwork network;
  private Path folder;
  private Path compact;
  private Path zip;

  /**
   * Creates the network and both files.
   *
   * @throws IOException if they cannot be written
   */
  @Setup
  public void make() throws IOException {
    network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(FIRST).build())
                .layer(new DenseLayer.Builder().nIn(FIRST).nOut(SECOND).build())
                .layer(new OutputLayer.Builder().nIn(SECOND).nOut(CLASSES).build())
                .build());
    network.init();
    Random random = new Random(1);
    INDArray parameters = network.params();
    for (long i = 0; i < parameters.length(); i++) {
      if (random.nextDouble() < sparsity) {
        parameters.putScalar(i, 0.0);
      }
    }
    folder = Files.createTempDirectory("compact-files");
    compact = folder.resolve("model.compact");
    zip = folder.resolve("model.zip");
    writeCompact();
    writeStock();
  }

  /**
   * Deletes the files.
   *
   * @throws IOException if they cannot be deleted
   */
  @TearDown
  public void delete() throws IOException {
    Files.delete(compact);
    Files.delete(zip);
    Files.delete(folder);
  }

  /**
   * Writes a compact file.
   *
   * @throws IOException if it cannot be written
   */
  @Benchmark
  public void writeCompact() throws IOException {
    CompactModelSerializer.write(network, compact);
  }

  /**
   * Writes DL4J's zip.
   *
   * @throws IOException if it cannot be written
   */
  @Benchmark
  public void writeStock() throws IOException {
    ModelSerializer.writeModel(network, zip.toFile(), false);
  }

  /**
   * Reads a compact file.
   *
   * @return the network
   * @throws IOException if it cannot be read
   */
  @Benchmark
  public Model readCompact() throws IOException {
    return CompactModelSerializer.restore(compact).network();
  }

  /**
   * Reads DL4J's zip.
   *
   * @return the network
   * @throws IOException if it cannot be read
   */
  @Benchmark
  public Model readStock() throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(zip.toFile());
  }
}
