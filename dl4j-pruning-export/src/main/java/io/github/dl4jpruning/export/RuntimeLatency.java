package io.github.dl4jpruning.export;

import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.runtime.Port;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;

/**
 * Measures the latency of networks in the runtime: one sample at a time, on one thread of this
 * machine. Use it for {@code StructuredPruner}'s {@code latencyBy}, or to forecast the gain from
 * pruning.
 */
public final class RuntimeLatency implements LatencyMeter {

  private static final int TURNS = 15;
  private static final long WARM_UP_NANOS = 300_000_000;
  private static final long TURN_NANOS = 10_000_000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int STEPS = 16;

  private final ExportOptions options;

  /**
   * Creates a meter for networks with the same inputs.
   *
   * @param options the types of inputs, if they cannot be taken from the networks
   */
  public RuntimeLatency(ExportOptions options) {
    this.options = options;
  }

  @Override
  public Speedup compare(Model before, Model after) {
    Runnable one = runnable(InferencePlan.of(before, options));
    Runnable other = runnable(InferencePlan.of(after, options));
    warmUp(one);
    warmUp(other);
    double[] first = new double[TURNS];
    double[] second = new double[TURNS];
    for (int i = 0; i < TURNS; i++) {
      if (i % 2 == 0) {
        first[i] = millis(one);
        second[i] = millis(other);
      } else {
        second[i] = millis(other);
        first[i] = millis(one);
      }
    }
    return Speedup.of(first, second);
  }

  /**
   * Measures the latency of a network in the runtime.
   *
   * @param network an initialised network; not changed
   * @return the median time of one sample (of 16 steps for sequences), in milliseconds
   */
  public double millis(Model network) {
    return median(InferencePlan.of(network, options));
  }

  /**
   * Forecasts the latency of a network if a random part of its remaining weights were zero: it
   * shows the gain from pruning before the network is pruned.
   *
   * @param network an initialised network; not changed
   * @param sparsities the fractions of these weights that would be zero, 0 to 1
   * @return the median time of one sample for each sparsity, in milliseconds
   */
  public Map<Double, Double> forecast(Model network, double... sparsities) {
    InferencePlan plan = InferencePlan.of(network, options);
    Map<Double, Double> millis = new LinkedHashMap<>();
    for (double sparsity : sparsities) {
      millis.put(sparsity, median(RandomMask.of(plan, sparsity)));
    }
    return millis;
  }

  private static double median(InferencePlan plan) {
    Runnable run = runnable(plan);
    warmUp(run);
    double[] times = new double[TURNS];
    Arrays.setAll(times, i -> millis(run));
    Arrays.sort(times);
    return times[TURNS / 2];
  }

  private static void warmUp(Runnable run) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < WARM_UP_NANOS) {
      run.run();
    }
  }

  private static double millis(Runnable run) {
    long start = System.nanoTime();
    long now;
    int calls = 0;
    do {
      run.run();
      calls++;
      now = System.nanoTime();
    } while (now - start < TURN_NANOS);
    return (now - start) / NANOS_PER_MILLI / calls;
  }

  private static Runnable runnable(InferencePlan plan) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SparseModel.Session session;
    SparseModel model;
    try {
      RuntimeExporter.write(plan, ExportOptions.defaults(), bytes);
      model = SparseModel.load(new ByteArrayInputStream(bytes.toByteArray()));
    } catch (IOException e) { // cannot happen: written and read in memory
      throw new UncheckedIOException(e);
    }
    session = model.newSession();
    Random random = new Random(1);
    for (int i = 0; i < model.inputs().size(); i++) {
      Port port = model.inputs().get(i);
      int steps = port.isSequence() ? Math.max(STEPS, model.leastSteps()) : 1;
      float[] values = new float[port.length() * steps];
      int words = plan.words(i);
      for (int v = 0; v < values.length; v++) {
        values[v] = words > 0 ? random.nextInt(words) : random.nextFloat();
      }
      session.set(port.name(), values);
    }
    return session::run;
  }

  /** Sets random weights of a plan to zero. */
  private static final class RandomMask {
    private final Random random = new Random(1);
    private final Map<Matrix, Matrix> masked = new HashMap<>();
    private final double sparsity;

    private RandomMask(double sparsity) {
      this.sparsity = sparsity;
    }

    static InferencePlan of(InferencePlan plan, double sparsity) {
      RandomMask mask = new RandomMask(sparsity);
      return plan.withWeights(weights -> mask.masked.computeIfAbsent(weights, mask::mask));
    }

    private Matrix mask(Matrix weights) {
      float[] values = weights.values().clone();
      for (int i = 0; i < values.length; i++) {
        if (random.nextDouble() < sparsity) {
          values[i] = 0f;
        }
      }
      return new Matrix(weights.rows(), weights.columns(), values);
    }
  }

  @Override
  public String toString() {
    return "the runtime";
  }
}
