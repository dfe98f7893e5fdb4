package io.github.dl4jpruning.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.export.c.CCompiler;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.export.c.CompiledProgram;
import io.github.dl4jpruning.export.c.WeightFormat;
import io.github.dl4jpruning.export.onnx.OnnxExporter;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures prediction of one sample at a time on one thread: the pruned network in the runtime, the
 * dense network in ONNX Runtime, the pruned network in DL4J, and the pruned network as C, compiled
 * by gcc with -O2. They take turns, the first three in one process, and each result is a median.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgs = {"-Xmx2g", "-Dorg.nd4j.log.initialization=false"})
public class Inference {

  private static final int ROUNDS = 60;
  private static final double SLICE = 4e6;

  /** The network. */
  @Param({"LENET_300_100", "LENET_5", "VGG", "RESNET_8", "LSTM"})
  public InferenceNetworks network;

  /** A file with a trained network; empty for random weights. */
  @Param("")
  public String file;

  /** The fraction of random weights that is zero. */
  @Param({"0.9", "0.95"})
  public double sparsity;

  /** How many neighbouring outputs share the choice of random zeros: 1 for single weights. */
  @Param("1")
  public int block;

  /** How C stores weights. */
  @Param("FLOAT")
  public WeightFormat weights;

  private Side runtime;
  private Side peer;
  private Side dl4j;
  private Side compiled;
  private @Nullable CompiledProgram program;

  /** Something whose calls are timed. */
  @FunctionalInterface
  private interface Side {
    /** Returns the mean time of one call in µs, over a slice of a few milliseconds. */
    double micros();
  }

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Time of the runtime, in µs. */
    public double runtimeMicros;

    /** Time of ONNX Runtime with the dense network, in µs. */
    public double onnxMicros;

    /** Time of DL4J's output, in µs. */
    public double dl4jMicros;

    /** Time of the compiled C code, in µs; 0 without a compiler. */
    public double compiledMicros;

    /** The first divided by the second. */
    public double ofOnnx;

    /** The time of C divided by the runtime's. */
    public double compiledOfRuntime;

    /** DL4J's time divided by the runtime's. */
    public double timesFasterThanDl4j;
  }

  /** Creates the networks. */
  @Setup
  public void make() throws IOException, OrtException {
    InferenceNetworks.Case made = network.make(file, sparsity, block);
    ExportOptions options = ExportOptions.defaults().withInputTypes(made.type());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RuntimeExporter.write(InferencePlan.of(made.pruned(), options), options, out);
    SparseModel model = SparseModel.load(new ByteArrayInputStream(out.toByteArray()));
    System.out.println(model);
    SparseModel.Session session = model.newSession();
    INDArray sample = made.sample();
    float[] input = sample.dup('c').data().asFloat();
    float[] output = session.run(input);
    boolean steps = network == InferenceNetworks.LSTM;
    runtime = repeated(() -> run(session, steps, input, output));
    ByteArrayOutputStream onnx = new ByteArrayOutputStream();
    OnnxExporter.write(InferencePlan.of(made.dense(), options), options, onnx);
    peer = repeated(peer(onnx.toByteArray(), input, sample));
    dl4j = repeated(() -> output(made, sample, steps));
    compiled = compiled(InferencePlan.of(made.pruned(), options), options, input);
  }

  /** Starts the compiled code; a process of its own counts the calls. */
  private Side compiled(InferencePlan plan, ExportOptions options, float[] input)
      throws IOException {
    Optional<CCompiler> compiler = CCompiler.find();
    if (compiler.isEmpty()) {
      return () -> 0.0;
    }
    CompiledProgram started =
        CompiledProgram.of(
            plan,
            COptions.named("network")
                .with(options)
                .withWeights(weights)
                .compiledBy(compiler.get()));
    program = started;
    started.run(input);
    int calls = Math.max(1, (int) (SLICE / started.nanos()));
    return () -> {
      try {
        long start = System.nanoTime();
        started.repeat(calls);
        return (System.nanoTime() - start) / 1e3 / calls;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Ends the compiled code. */
  @TearDown
  public void close() {
    if (program != null) {
      program.close();
    }
  }

  private static void run(
      SparseModel.Session session, boolean steps, float[] input, float[] output) {
    if (steps) {
      session.step(input, output);
    } else {
      session.run(input, output);
    }
  }

  private static INDArray output(InferenceNetworks.Case made, INDArray sample, boolean steps) {
    if (made.pruned() instanceof ComputationGraph graph) {
      return graph.outputSingle(sample);
    }
    MultiLayerNetwork layers = (MultiLayerNetwork) made.pruned();
    return steps ? layers.rnnTimeStep(sample) : layers.output(sample);
  }

  private static Runnable peer(byte[] onnx, float[] input, INDArray sample) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    OrtSession session = environment.createSession(onnx, options);
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(Float.BYTES * input.length)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    buffer.put(input).rewind();
    OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, sample.shape());
    String name = session.getInputNames().iterator().next();
    Map<String, OnnxTensor> inputs = Map.of(name, tensor);
    return () -> {
      try (OrtSession.Result result = session.run(inputs)) {
        if (result.size() != 1) {
          throw new IllegalStateException("expected one output, but found " + result.size());
        }
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /**
   * Runs all in turn.
   *
   * @param counters receives the results
   */
  @Benchmark
  public void run(Counters counters) {
    Side[] sides = {runtime, peer, dl4j, compiled};
    double[][] micros = new double[sides.length][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < sides.length; i++) {
        int side = (i + round) % sides.length;
        micros[side][round] = sides[side].micros();
      }
    }
    counters.runtimeMicros = Pairs.median(micros[0]);
    counters.onnxMicros = Pairs.median(micros[1]);
    counters.dl4jMicros = Pairs.median(micros[2]);
    counters.compiledMicros = Pairs.median(micros[3]);
    counters.compiledOfRuntime = counters.compiledMicros / counters.runtimeMicros;
    counters.ofOnnx = counters.runtimeMicros / counters.onnxMicros;
    counters.timesFasterThanDl4j = counters.dl4jMicros / counters.runtimeMicros;
  }

  private static Side repeated(Runnable call) {
    return () -> {
      call.run();
      long start = System.nanoTime();
      long now;
      int calls = 0;
      do {
        call.run();
        calls++;
        now = System.nanoTime();
      } while (now - start < SLICE);
      return (now - start) / 1e3 / calls;
    };
  }
}
