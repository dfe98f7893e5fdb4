package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
 * Measures the runtime alone, for JMH's profilers: {@code -prof gc} shows that a call allocates
 * nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgs = "-Dorg.nd4j.log.initialization=false")
public class RuntimeCalls {

  private static final double SPARSITY = 0.95;

  /** The network. */
  @Param({"LENET_300_100", "LENET_5", "RESNET_8", "LSTM"})
  public InferenceNetworks network;

  private SparseModel.Session session;
  private float[] input;
  private float[] output;

  /** Creates the network. */
  @Setup
  public void make() throws IOException {
    InferenceNetworks.Case made = network.make("", SPARSITY, 1);
    ExportOptions options = ExportOptions.defaults().withInputTypes(made.type());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RuntimeExporter.write(InferencePlan.of(made.pruned(), options), options, out);
    session = SparseModel.load(new ByteArrayInputStream(out.toByteArray())).newSession();
    input = made.sample().dup('c').data().asFloat();
    output = session.run(input);
  }

  /**
   * Runs one sample.
   *
   * @return the output
   */
  @Benchmark
  public float[] run() {
    session.run(input, output);
    return output;
  }
}
