package io.github.dl4jpruning.benchmarks;

import com.sun.management.ThreadMXBean;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
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
 * Compares a training step at batch size 64 with the listener at 90% sparsity to one without. Each
 * score is the time for a number of pairs. The counters are what matters: the median of each side,
 * the median difference of a pair, and that difference as a percentage.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 7)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx4g", "-Dorg.nd4j.log.initialization=false"})
public class StepOverhead {

  private static final int BATCH = 64;

  /** The network that is trained. */
  @Param({"LENET_300_100", "LENET_300_100_GRAPH", "LENET_5", "LSTM_2"})
  public Kind network;

  /** The criterion; some look at the network at every iteration, or at every 20th. */
  @Param({"magnitude", "movement", "fisher", "fisher beside SGD", "activation"})
  public String criterion;

  private Model plain;
  private Model pruned;
  private TimedListener pruning;
  private DataSet batch;

  /** The standard networks of the pruning literature, and a recurrent one. */
  public enum Kind {
    /** 784-300-100-10. */
    LENET_300_100(100),
    /** The same as a computation graph. */
    LENET_300_100_GRAPH(100),
    /** 20-50-500. */
    LENET_5(15),
    /** Two LSTM layers of 128 units over sequences of 20 steps with 64 features. */
    LSTM_2(30);

    private static final int FEATURES = 64;
    private static final int UNITS = 128;
    private static final int STEPS = 20;

    private final int pairs;

    Kind(int pairs) {
      this.pairs = pairs;
    }

    Model build(IUpdater updater) {
      NeuralNetConfiguration.ListBuilder layers =
          new NeuralNetConfiguration.Builder()
              .seed(1)
              .updater(updater)
              .weightInit(WeightInit.RELU)
              .activation(this == LSTM_2 ? Activation.TANH : Activation.RELU)
              .list();
      switch (this) {
        case LENET_300_100, LENET_300_100_GRAPH ->
            layers
                .layer(new DenseLayer.Builder().nOut(300).build())
                .layer(new DenseLayer.Builder().nOut(100).build())
                .layer(output())
                .setInputType(InputType.feedForward(784));
        case LENET_5 ->
            layers
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(20).build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(50).build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(new DenseLayer.Builder().nOut(500).build())
                .layer(output())
                .setInputType(InputType.convolutionalFlat(28, 28, 1));
        case LSTM_2 ->
            layers
                .layer(new LSTM.Builder().nOut(UNITS).build())
                .layer(new LSTM.Builder().nOut(UNITS).build())
                .layer(new RnnOutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.recurrent(FEATURES, STEPS));
      }
      MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
      network.init();
      return this == LENET_300_100_GRAPH ? network.toComputationGraph() : network;
    }

    private static OutputLayer output() {
      return new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build();
    }

    DataSet batch() {
      if (this == LSTM_2) {
        INDArray labels = Nd4j.zeros(BATCH, 10, STEPS);
        for (int i = 0; i < BATCH; i++) {
          for (int t = 0; t < STEPS; t++) {
            labels.putScalar(new int[] {i, (i + t) % 10, t}, 1.0);
          }
        }
        return new DataSet(Nd4j.rand(BATCH, FEATURES, STEPS), labels);
      }
      INDArray labels = Nd4j.zeros(BATCH, 10);
      for (int i = 0; i < BATCH; i++) {
        labels.putScalar(i, i % 10, 1.0);
      }
      return new DataSet(Nd4j.rand(BATCH, 784), labels);
    }
  }

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Median time of a step without the listener. */
    public double plainMicros;

    /** Median time of a step with it. */
    public double prunedMicros;

    /** Median difference of a pair. */
    public double differenceMicros;

    /** That difference in percent of a step without the listener. */
    public double overheadPercent;

    /** Median time inside the listener's callbacks, free of the noise of the rest. */
    public double insideMicros;

    /** That time in percent of a step without the listener. */
    public double insidePercent;

    /** Mean time inside the listener's callbacks, since not every step has the same work. */
    public double insideMeanMicros;

    /** That mean in percent of a step without the listener. */
    public double insideMeanPercent;

    /** Additional heap bytes that a step with the listener allocates. */
    public double extraHeapBytes;
  }

  /** Two networks with the same weights, one of them pruned. */
  @Setup
  public void prepare() {
    // So slow that noise is not learned: at zero loss, gradients become denormal and slow.
    IUpdater updater = criterion.endsWith("SGD") ? new Sgd(1e-7) : new Adam(1e-7);
    plain = network.build(updater);
    pruned = network.build(updater);
    pruning =
        new TimedListener(
            PruningListener.builder()
                .schedule(SparsitySchedules.constant(0.9))
                .criterion(measured())
                .build());
    pruned.setListeners(pruning);
    batch = network.batch();
    fit(pruned);
    fit(plain);
  }

  private ImportanceCriterion measured() {
    return switch (criterion) {
      case "magnitude" -> ImportanceCriterion.magnitude();
      case "movement" -> ImportanceCriterion.movement();
      case "activation" -> ImportanceCriterion.activation();
      default -> ImportanceCriterion.fisher();
    };
  }

  private void fit(Model trained) {
    if (trained instanceof ComputationGraph graph) {
      graph.fit(batch);
    } else {
      ((MultiLayerNetwork) trained).fit(batch);
    }
  }

  /**
   * Measures pairs of steps.
   *
   * @param counters receives the results
   */
  @Benchmark
  public void step(Counters counters) {
    pruning.steps.clear();
    Pairs pairs = Pairs.measure(network.pairs, () -> fit(plain), () -> fit(pruned));
    counters.plainMicros = pairs.firstMedian();
    counters.prunedMicros = pairs.secondMedian();
    counters.differenceMicros = pairs.medianDifference();
    counters.overheadPercent = 100.0 * pairs.medianDifference() / pairs.firstMedian();
    counters.insideMicros =
        Pairs.median(pruning.steps.stream().mapToDouble(Double::doubleValue).toArray());
    counters.insidePercent = 100.0 * counters.insideMicros / pairs.firstMedian();
    counters.insideMeanMicros =
        pruning.steps.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    counters.insideMeanPercent = 100.0 * counters.insideMeanMicros / pairs.firstMedian();
    counters.extraHeapBytes = allocated(pruned) - allocated(plain);
  }

  private double allocated(Model trained) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int steps = 10;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < steps; i++) {
      fit(trained);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / (double) steps;
  }

  /** Forwards the callbacks, and records their total time. */
  private static final class TimedListener extends BaseTrainingListener {
    private final PruningListener pruning;
    private final List<Double> steps = new ArrayList<>();
    private long backwardNanos;
    private long gradientNanos;

    TimedListener(PruningListener pruning) {
      this.pruning = pruning;
    }

    @Override
    public void onBackwardPass(Model model) {
      long start = System.nanoTime();
      pruning.onBackwardPass(model);
      backwardNanos = System.nanoTime() - start;
    }

    @Override
    public void onGradientCalculation(Model model) {
      long start = System.nanoTime();
      pruning.onGradientCalculation(model);
      gradientNanos = System.nanoTime() - start;
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      long start = System.nanoTime();
      pruning.iterationDone(model, iteration, epoch);
      steps.add((backwardNanos + gradientNanos + System.nanoTime() - start) / 1e3);
    }
  }
}
