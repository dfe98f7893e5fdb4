package io.github.dl4jpruning.batches;

import io.github.dl4jpruning.model.NetworkParameters;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Training batches from either of DL4J's two kinds of iterators. An epoch begins with exactly one
 * reset, so an iterator that shuffles at each reset gives the same order again after the same
 * number of resets.
 */
public abstract sealed class TrainingData {

  private static final int WARM_UP = 5;
  private static final int MEASURED = 21;
  private static final double NANOS_PER_MILLI = 1e6;

  private int resets;

  /**
   * Wraps an iterator.
   *
   * @param batches a {@code DataSetIterator} or a {@code MultiDataSetIterator}
   * @return the data
   * @throws IllegalArgumentException if it is neither, cannot be reset, or has no batches
   */
  public static TrainingData of(Object batches) {
    return of("train", batches);
  }

  /**
   * Wraps an iterator.
   *
   * @param name its name in messages
   * @param batches a {@code DataSetIterator} or a {@code MultiDataSetIterator}
   * @return the data
   * @throws IllegalArgumentException if it is neither, cannot be reset, or has no batches
   */
  public static TrainingData of(String name, Object batches) {
    TrainingData data;
    boolean resettable;
    if (batches instanceof DataSetIterator single) {
      data = new Single(single);
      resettable = single.resetSupported();
    } else if (batches instanceof MultiDataSetIterator multi) {
      data = new Multi(multi);
      resettable = multi.resetSupported();
    } else {
      throw new IllegalArgumentException(
          name
              + " must be a DataSetIterator or a MultiDataSetIterator, but is "
              + (batches == null ? "null" : "a " + batches.getClass().getSimpleName()));
    }
    if (!resettable) {
      throw new IllegalArgumentException(
          name
              + " must be an iterator that can be reset, since it is read once in each epoch, but "
              + batches.getClass().getSimpleName()
              + ".resetSupported() is false");
    }
    if (!data.hasNext()) {
      data.reset();
    }
    if (!data.hasNext()) {
      throw new IllegalArgumentException(name + " must have at least one batch, but has none");
    }
    return data;
  }

  /**
   * Begins an epoch, and trains a network on all of it.
   *
   * @param network the network
   */
  public final void fitEpoch(Model network) {
    reset();
    fit(network);
  }

  /**
   * Begins an epoch, and trains a network only on its first batch.
   *
   * @param network the network
   */
  public final void fitFirstBatch(Model network) {
    reset();
    fitOne(network);
  }

  /** Begins an epoch. */
  public final void reset() {
    resets++;
    rewind();
  }

  /**
   * Returns how often an epoch was begun.
   *
   * @return the number of resets
   */
  public final int resets() {
    return resets;
  }

  abstract void rewind();

  /**
   * Begins an epoch, and reads all of it.
   *
   * @param reader receives each batch
   */
  public final void forEach(Consumer<MultiDataSet> reader) {
    reset();
    while (hasNext()) {
      reader.accept(nextBatch());
    }
  }

  /**
   * Begins an epoch, and counts its batches.
   *
   * @return the number of batches
   */
  public final int countBatches() {
    reset();
    int count = 0;
    while (hasNext()) {
      skip();
      count++;
    }
    return count;
  }

  /**
   * Begins an epoch, and counts its iterations for a network: one for each batch, or one for each
   * segment if backpropagation through time is truncated.
   *
   * @param network the network
   * @return the number of iterations
   */
  public final int countIterations(Model network) {
    NetworkParameters trained = NetworkParameters.of(network);
    reset();
    int count = 0;
    while (hasNext()) {
      count += Math.toIntExact(trained.iterationsOf(nextBatch()));
    }
    return count;
  }

  /**
   * Returns the same batches with labels mixed with the output of a teacher.
   *
   * @param teacher a trained network
   * @param weight the weight of the teacher's output, in (0, 1]; the label has the rest
   * @param temperature above 0; 1 leaves the teacher's output unchanged
   * @return batches whose labels are computed as they are read
   */
  public abstract TrainingData taughtBy(Model teacher, double weight, double temperature);

  /**
   * Begins an epoch, and computes the gradient of a network on its first batch. The network's
   * parameters do not change.
   *
   * @param network the network
   */
  public final void gradientOfFirstBatch(Model network) {
    reset();
    gradientOf(network, nextBatch());
  }

  /**
   * Computes the gradient of a network on each batch in turn. The network's parameters do not
   * change.
   *
   * @param network the network
   * @param reader called when the network has the gradient of a batch
   */
  public final void forEachGradient(Model network, Runnable reader) {
    forEach(
        batch -> {
          gradientOf(network, batch);
          reader.run();
        });
  }

  private static void gradientOf(Model network, MultiDataSet batch) {
    if (network instanceof ComputationGraph graph) {
      graph.setInputs(batch.getFeatures());
      graph.setLabels(batch.getLabels());
      graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    } else {
      MultiLayerNetwork layers = (MultiLayerNetwork) network;
      layers.setInput(batch.getFeatures(0));
      layers.setLabels(batch.getLabels(0));
      if (batch.hasMaskArrays()) {
        layers.setLayerMaskArrays(batch.getFeaturesMaskArray(0), batch.getLabelsMaskArray(0));
      }
    }
    network.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces());
    if (network instanceof ComputationGraph graph) {
      graph.clearLayerMaskArrays();
    } else {
      ((MultiLayerNetwork) network).clearLayerMaskArrays();
    }
  }

  /**
   * Begins an epoch, and measures the times of two networks for its first batch, in alternation, so
   * that other load on the machine affects both.
   *
   * @param one a network
   * @param other another network
   * @return the times of {@code output()} of the first and of the second network, in milliseconds
   */
  public final double[][] outputMillis(Model one, Model other) {
    reset();
    MultiDataSet batch = nextBatch();
    double[][] millis = new double[2][MEASURED];
    for (int i = -WARM_UP; i < MEASURED; i++) {
      int first = i & 1; // the networks take turns in going first
      millis[first][Math.max(0, i)] = outputMillis(first == 0 ? one : other, batch);
      millis[1 - first][Math.max(0, i)] = outputMillis(first == 0 ? other : one, batch);
    }
    return millis;
  }

  private static double outputMillis(Model network, MultiDataSet batch) {
    long start = System.nanoTime();
    if (network instanceof ComputationGraph graph) {
      graph.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays());
    } else {
      ((MultiLayerNetwork) network)
          .output(batch.getFeatures(0), false, first(batch.getFeaturesMaskArrays()), null);
    }
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }

  private static @Nullable INDArray first(INDArray @Nullable [] masks) {
    return masks == null ? null : masks[0];
  }

  abstract MultiDataSet nextBatch();

  abstract boolean hasNext();

  abstract void fit(Model network);

  abstract void fitOne(Model network);

  abstract void skip();

  private static final class Single extends TrainingData {
    private final DataSetIterator batches;

    Single(DataSetIterator batches) {
      this.batches = batches;
    }

    @Override
    void rewind() {
      batches.reset();
    }

    @Override
    public TrainingData taughtBy(Model teacher, double weight, double temperature) {
      SoftLabels labels = new SoftLabels(teacher, weight, temperature);
      return new Single(new TaughtBatches(batches, labels));
    }

    @Override
    MultiDataSet nextBatch() {
      return batches.next().toMultiDataSet();
    }

    @Override
    boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    void fit(Model network) {
      if (network instanceof ComputationGraph graph) {
        graph.fit(batches);
      } else {
        ((MultiLayerNetwork) network).fit(batches);
      }
    }

    @Override
    void skip() {
      batches.next();
    }

    @Override
    void fitOne(Model network) {
      if (network instanceof ComputationGraph graph) {
        graph.fit(batches.next());
      } else {
        ((MultiLayerNetwork) network).fit(batches.next());
      }
    }
  }

  private static final class Multi extends TrainingData {
    private final MultiDataSetIterator batches;

    Multi(MultiDataSetIterator batches) {
      this.batches = batches;
    }

    @Override
    void rewind() {
      batches.reset();
    }

    @Override
    public TrainingData taughtBy(Model teacher, double weight, double temperature) {
      SoftLabels labels = new SoftLabels(teacher, weight, temperature);
      return new Multi(new TaughtMultiBatches(batches, labels));
    }

    @Override
    MultiDataSet nextBatch() {
      return batches.next();
    }

    @Override
    boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    void fit(Model network) {
      if (network instanceof ComputationGraph graph) {
        graph.fit(batches);
      } else {
        ((MultiLayerNetwork) network).fit(batches);
      }
    }

    @Override
    void skip() {
      batches.next();
    }

    @Override
    void fitOne(Model network) {
      if (network instanceof ComputationGraph graph) {
        graph.fit(batches.next());
      } else {
        ((MultiLayerNetwork) network).fit(batches.next());
      }
    }
  }
}
