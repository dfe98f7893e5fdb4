package io.github.dl4jpruning.export;

import io.github.dl4jpruning.runtime.SparseModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Compares the outputs of a model with the outputs of its original network. */
public final class Comparison {

  private static final int RANDOM_SAMPLES = 64;
  private static final int RANDOM_STEPS = 7;

  /** Something that runs a model. */
  @FunctionalInterface
  public interface Engine {
    /**
     * Runs the model on a sample.
     *
     * @param inputs the elements of each input, in the order of the network
     * @return the elements of each output; empty if the engine does not take sequences of this
     *     length
     */
    float[][] run(float[][] inputs);
  }

  private final Model network;
  private final InferencePlan plan;
  private final Engine engine;
  private final ExportOptions options;
  private final int steps;
  private long samples;
  private double largestDifference;
  private long differentClasses;

  /** Samples of a length that the engine does not take. */
  private long skipped;

  private Comparison(
      Model network, InferencePlan plan, Engine engine, ExportOptions options, int steps) {
    this.network = network;
    this.plan = plan;
    this.engine = engine;
    this.options = options;
    this.steps = steps;
  }

  /** Compares a model in the runtime with its network. */
  static Comparison inRuntime(
      Model network, InferencePlan plan, SparseModel model, ExportOptions options, int steps) {
    int some = steps > 0 ? steps : Math.max(RANDOM_STEPS, model.leastSteps());
    return of(network, plan, engine(model), options, some);
  }

  private static Engine engine(SparseModel model) {
    SparseModel.Session session = model.newSession();
    return inputs -> {
      for (int i = 0; i < inputs.length; i++) {
        session.set(model.inputs().get(i).name(), inputs[i]);
      }
      session.run();
      return model.outputs().stream().map(port -> session.get(port.name())).toArray(float[][]::new);
    };
  }

  /**
   * Compares a model with its network, on the data of the options or on random inputs.
   *
   * @param network the network; not changed
   * @param plan its plan
   * @param engine runs the model
   * @param options the data, and a normaliser that is part of the model
   * @param steps the number of time steps of random sequences
   * @return the result
   * @throws IllegalArgumentException if there is no sample that the engine takes
   */
  public static Comparison of(
      Model network, InferencePlan plan, Engine engine, ExportOptions options, int steps) {
    Comparison comparison = new Comparison(network, plan, engine, options, steps);
    comparison.run();
    return comparison;
  }

  /**
   * Returns the number of samples.
   *
   * @return at least 1
   */
  public long samples() {
    return samples;
  }

  /**
   * Returns the largest difference of an output, relative to the largest output of its sample.
   *
   * @return 0 or more; infinite if an output is not finite where it should be
   */
  public double largestDifference() {
    return largestDifference;
  }

  /**
   * Returns how many samples have another largest output.
   *
   * @return 0 to all samples
   */
  public long differentClasses() {
    return differentClasses;
  }

  private void run() {
    if (options.data().isPresent()) {
      MultiDataSetIterator data = options.data().get();
      data.reset();
      while (data.hasNext()) {
        add(data.next());
      }
    } else {
      Random random = new Random(1);
      for (int i = 0; i < RANDOM_SAMPLES; i++) {
        compare(plan.inputs().stream().map(in -> random(in, random)).toArray(INDArray[]::new));
      }
    }
    if (samples == 0) {
      throw new IllegalArgumentException(
          "expected data to check on"
              + (skipped > 0 ? ", with sequences of " + steps + " time steps" : "")
              + ", but there is none");
    }
  }

  private void add(MultiDataSet batch) {
    INDArray[] features = batch.getFeatures();
    INDArray[] masks = batch.getFeaturesMaskArrays();
    for (int example = 0; example < features[0].size(0); example++) {
      INDArray[] one = new INDArray[features.length];
      for (int i = 0; i < one.length; i++) {
        INDArray mask = masks == null ? null : masks[i];
        one[i] = cut(row(features[i], example), mask, example, plan.inputs().get(i));
      }
      compare(one);
    }
  }

  private static INDArray row(INDArray batch, int example) {
    return batch.get(NDArrayIndex.interval(example, example + 1)).dup('c');
  }

  /** Returns a sequence without the steps that a mask marks as padding. */
  private static INDArray cut(
      INDArray one, @Nullable INDArray mask, int example, InferencePlan.Input port) {
    if (mask == null || one.rank() != 3) {
      return one;
    }
    float[] steps = row(mask, example).data().asFloat();
    int end = steps.length;
    while (end > 1 && steps[end - 1] == 0f) {
      end--;
    }
    for (int step = 0; step < end; step++) {
      if (steps[step] == 0f) {
        throw new IllegalArgumentException(
            "expected masks with padding only after a sequence, but example "
                + example
                + " of a batch has padding at step "
                + step
                + " of "
                + end
                + "; the runtime takes each sequence with its own length, so pass it unpadded");
      }
    }
    INDArrayIndex some = NDArrayIndex.interval(0, end);
    INDArrayIndex all = NDArrayIndex.all();
    return (port.channelsLast() ? one.get(all, some, all) : one.get(all, all, some)).dup('c');
  }

  private INDArray random(InferencePlan.Input input, Random random) {
    List<Integer> sizes = input.sizes();
    List<Long> shape = new ArrayList<>(List.of(1L));
    long channels = sizes.get(0);
    switch (input.form()) {
      case VECTOR -> shape.add(channels);
      case SEQUENCE ->
          shape.addAll(
              input.channelsLast()
                  ? List.of((long) steps, channels)
                  : List.of(channels, (long) steps));
      case PLANES -> {
        List<Long> positions =
            new ArrayList<>(sizes.subList(1, 4).stream().map(Long::valueOf).toList());
        if (sizes.get(1) == 1 && !plan.hasVolumes()) {
          positions.remove(0);
        }
        if (!input.channelsLast()) {
          shape.add(channels);
        }
        shape.addAll(positions);
        if (input.channelsLast()) {
          shape.add(channels);
        }
      }
    }
    long[] all = shape.stream().mapToLong(Long::longValue).toArray();
    int words = plan.words(plan.inputs().indexOf(input));
    float[] values = new float[(int) Nd4j.createUninitialized(all).length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = words > 0 ? random.nextInt(words) : random.nextFloat();
    }
    INDArray made = Nd4j.createFromArray(values).reshape(all);
    if (input.form() == InferencePlan.Form.SEQUENCE && words == 0) {
      plan.maskedValues().forEach(value -> mask(made, input.channelsLast(), value, random));
    }
    if (plan.inputs().indexOf(input) == 0) {
      // The network's own inputs should be in this range, so raw inputs come from the inverse
      // normalisation.
      options.normalizer().ifPresent(normalizer -> normalizer.revertFeatures(made));
    }
    return made;
  }

  /** Masks about every third step, but not the first: DL4J refuses a sequence without steps. */
  private static void mask(INDArray sequence, boolean channelsLast, float value, Random random) {
    INDArray channelsFirst = channelsLast ? sequence.permute(0, 2, 1) : sequence;
    for (long step = 1; step < channelsFirst.size(2); step++) {
      if (random.nextInt(3) == 0) {
        channelsFirst
            .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(step))
            .assign(value);
      }
    }
  }

  private void compare(INDArray... inputs) {
    float[][] result =
        engine.run(
            Arrays.stream(inputs)
                .map(input -> input.dup('c').data().asFloat())
                .toArray(float[][]::new));
    if (result.length == 0) {
      skipped++;
      return;
    }
    INDArray[] expected = outputs(inputs);
    boolean other = false;
    for (int o = 0; o < expected.length; o++) {
      float[] found = result[o];
      float[] wanted = expected[o].dup('c').data().asFloat();
      if (found.length != wanted.length) {
        throw new IllegalStateException(
            "expected " + wanted.length + " outputs, but found " + found.length);
      }
      other |= add(found, wanted);
    }
    differentClasses += other ? 1 : 0;
    samples++;
  }

  private INDArray[] outputs(INDArray... inputs) {
    INDArray[] own = new INDArray[inputs.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = inputs[i].castTo(network.params().dataType()).dup();
      if (i == 0 && options.normalizer().isPresent()) {
        DataNormalization normalizer = options.normalizer().get();
        normalizer.transform(own[i]);
      }
    }
    if (network instanceof ComputationGraph graph) {
      return graph.output(own);
    }
    return new INDArray[] {((MultiLayerNetwork) network).output(own[0])};
  }

  /** Adds an output of a sample; returns whether its largest element is a different one. */
  private boolean add(float[] found, float[] wanted) {
    int best = 0;
    int other = 0;
    double scale = Float.MIN_NORMAL;
    double difference = 0.0;
    for (int i = 0; i < wanted.length; i++) {
      best = wanted[i] > wanted[best] ? i : best;
      other = found[i] > found[other] ? i : other;
      scale = Float.isFinite(wanted[i]) ? Math.max(scale, Math.abs(wanted[i])) : scale;
      // Values that are not finite have to be equal.
      boolean same = Float.compare(found[i], wanted[i]) == 0;
      double own = same ? 0.0 : Math.abs((double) found[i] - wanted[i]);
      difference = Math.max(difference, Double.isNaN(own) ? Double.POSITIVE_INFINITY : own);
    }
    largestDifference = Math.max(largestDifference, difference / scale);
    return best != other;
  }
}
