package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.util.ModelSerializer;
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
 * Measures a JVM from its start through the first prediction to its end: LeNet-300-100 at 98.6%
 * sparsity.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgs = "-Dorg.nd4j.log.initialization=false")
public class StartUp {

  private static final int ROUNDS = 7;
  private static final double SPARSITY = 0.986;

  private Path runtimeFile;
  private Path dl4jFile;

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Time of the runtime, in ms. */
    public double runtimeMillis;

    /** Time of DL4J, in ms. */
    public double dl4jMillis;
  }

  /** Creates the files. */
  @Setup
  public void make() throws IOException {
    Path folder = Files.createTempDirectory("start");
    InferenceNetworks.Case made = InferenceNetworks.LENET_300_100.make("", SPARSITY, 1);
    runtimeFile = folder.resolve("model.dl4jrun");
    dl4jFile = folder.resolve("model.zip");
    RuntimeExporter.write(made.pruned(), runtimeFile);
    ModelSerializer.writeModel(made.pruned(), dl4jFile.toFile(), false);
  }

  /**
   * Starts both in turn.
   *
   * @param counters receives the results
   */
  @Benchmark
  public void run(Counters counters) throws Exception {
    String alone = folder(SparseModel.class) + File.pathSeparator + folder(FirstPrediction.class);
    double[] runtime = new double[ROUNDS];
    double[] dl4j = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      runtime[i] = millis(alone, "runtime", runtimeFile);
      dl4j[i] = millis(System.getProperty("java.class.path"), "dl4j", dl4jFile);
    }
    counters.runtimeMillis = Pairs.median(runtime);
    counters.dl4jMillis = Pairs.median(dl4j);
  }

  private static String folder(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  private static double millis(String classPath, String engine, Path file)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classPath));
    command.addAll(List.of(FirstPrediction.class.getName(), engine, file.toString()));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("expected " + command + " to succeed, but it failed");
    }
    return (System.nanoTime() - start) / 1e6;
  }
}
