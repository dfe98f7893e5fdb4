package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
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
 * Compares a mask update with each criterion, distribution, pattern and rule to the plain one
 * (global magnitude, unstructured), in turn on the same network.
 *
 * <p>Three things are timed: an update from dense to 45%, an update from there to 49.9% (with rows
 * of odd length, N:M cannot reach half), and an iteration without an update. Each includes
 * everything that the listener does before the step.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx10g", "-Dorg.nd4j.log.initialization=false"})
public class Vocabulary {

  private static final int BATCH = 64;

  /** Number of weights. */
  @Param("25000000")
  public int weights;

  /** The variant that is measured. */
  @Param({
    "uniform",
    "erdosRenyiKernel",
    "lamp",
    "floor",
    "threshold",
    "random",
    "gradient",
    "taylor",
    "movement",
    "magnitudeIncrease",
    "fisher",
    "activation",
    "activationPerOutput",
    "regrow",
    "rigl",
    "keep2of4",
    "block4x4",
    "channel"
  })
  public String variant;

  private MultiLayerNetwork network;
  private INDArray dense;
  private INDArray gradient;
  private INDArray batch;

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Dense to 45%, plain. */
    public double plainFirstMillis;

    /** Dense to 45%. */
    public double firstMillis;

    /** 45% to 49.9%, plain. */
    public double plainLaterMillis;

    /** 45% to 49.9%. */
    public double laterMillis;

    /** The variant's time divided by the plain one's. */
    public double firstTimesPlain;

    /** The variant's time divided by the plain one's. */
    public double laterTimesPlain;

    /** An iteration without an update, plain. */
    public double plainStepMillis;

    /** An iteration without an update. */
    public double stepMillis;
  }

  /** Creates the network. */
  @Setup
  public void prepare() {
    network = MaskUpdate.network(weights);
    dense = network.params().dup();
    gradient = Nd4j.randn(1, network.numParams());
    batch = Nd4j.rand(BATCH, network.layerInputSize(0));
  }

  private PruningListener.Builder plain() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0.45, 0.499, 0, 1))
        .updateEvery(1);
  }

  private PruningListener measured() {
    PruningListener.Builder builder = plain();
    SparsityDistribution global = SparsityDistribution.global();
    switch (variant) {
      case "uniform" -> builder.distribution(SparsityDistribution.uniform());
      case "erdosRenyiKernel" -> builder.distribution(SparsityDistribution.erdosRenyiKernel());
      case "lamp" -> builder.distribution(SparsityDistribution.lamp());
      case "floor" -> builder.distribution(global.neverAbove("layer1", 0.2));
      case "threshold" -> builder.distribution(SparsityDistribution.thresholdInDeviations(0.67));
      case "random" -> builder.criterion(ImportanceCriterion.random(1));
      case "gradient" -> builder.criterion(ImportanceCriterion.gradient());
      case "taylor" -> builder.criterion(ImportanceCriterion.taylor());
      case "movement" -> builder.criterion(ImportanceCriterion.movement());
      case "magnitudeIncrease" -> builder.criterion(ImportanceCriterion.magnitudeIncrease());
      case "fisher" -> builder.criterion(ImportanceCriterion.fisher());
      case "activation" -> builder.criterion(ImportanceCriterion.activation());
      case "activationPerOutput" -> builder.criterion(ImportanceCriterion.activationPerOutput());
      case "regrow" -> builder.rule(MaskRule.regrow());
      case "rigl" -> builder.rule(MaskRule.rigl(0.3, 2));
      case "keep2of4" -> builder.pattern(SparsityPattern.keep(2).of(4));
      case "block4x4" -> builder.pattern(SparsityPattern.block(4, 4));
      case "channel" ->
          builder.pattern(
              SparsityPattern.channel(ChannelPattern.Axis.OUTPUT, ChannelPattern.Score.L1));
      default -> throw new IllegalArgumentException(variant);
    }
    return builder.build();
  }

  /**
   * Measures the plain update and the variant in turn.
   *
   * @param counters receives the results
   */
  @Benchmark
  public void update(Counters counters) {
    double[] plain = times(plain().build());
    double[] own = times(measured());
    counters.plainFirstMillis = plain[0];
    counters.plainLaterMillis = plain[1];
    counters.plainStepMillis = plain[2];
    counters.firstMillis = own[0];
    counters.laterMillis = own[1];
    counters.stepMillis = own[2];
    counters.firstTimesPlain = own[0] / plain[0];
    counters.laterTimesPlain = own[1] / plain[1];
  }

  private double[] times(PruningListener pruning) {
    network.params().assign(dense);
    // Imitates training, which has moved the weights since pruning began.
    pruning.attachTo(network);
    network.params().addi(gradient.mul(1e-3).reshape(network.params().shape()));
    double[] times = new double[3];
    for (int t = 0; t < times.length; t++) {
      network
          .getFlattenedGradients()
          .assign(gradient.reshape(network.getFlattenedGradients().shape()));
      network.setIterationCount(t);
      System.gc();
      network.setInput(batch);
      network.feedForward(true, false);
      long start = System.nanoTime();
      pruning.onBackwardPass(network);
      pruning.onGradientCalculation(network);
      times[t] = (System.nanoTime() - start) / 1e6;
    }
    network.setListeners();
    return times;
  }
}
