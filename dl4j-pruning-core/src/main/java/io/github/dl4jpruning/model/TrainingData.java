package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Batches to train on, of either of DL4J's two kinds. An epoch begins with exactly one reset, so an
 * iterator that shuffles at a reset comes to the same order again after as many resets.
 */
public abstract sealed class TrainingData {

  /**
   * Opens an iterator.
   *
   * @param batches a {@code DataSetIterator} or a {@code MultiDataSetIterator}
   * @return the data
   * @throws IllegalArgumentException if it is neither, cannot be reset, or has no batch
   */
  public static TrainingData of(Object batches) {
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
          "train must be a DataSetIterator or a MultiDataSetIterator, but is "
              + (batches == null ? "null" : "a " + batches.getClass().getSimpleName()));
    }
    if (!resettable) {
      throw new IllegalArgumentException(
          "train must be an iterator that can be reset, since it is read once in each epoch, but "
              + batches.getClass().getSimpleName()
              + ".resetSupported() is false");
    }
    if (!data.hasNext()) {
      data.reset();
    }
    if (!data.hasNext()) {
      throw new IllegalArgumentException("train must have at least one batch, but has none");
    }
    return data;
  }

  /**
   * Begins an epoch, and trains a network for the whole of it.
   *
   * @param network the network
   */
  public final void fitEpoch(Model network) {
    reset();
    fit(network);
  }

  /**
   * Begins an epoch, and trains a network on its first batch alone.
   *
   * @param network the network
   */
  public final void fitFirstBatch(Model network) {
    reset();
    fitOne(network);
  }

  /** Begins an epoch. */
  public abstract void reset();

  /**
   * Begins an epoch, and reads all of it.
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
   * The same batches with the labels mixed with what a teacher says.
   *
   * @param teacher a trained network
   * @param weight of the teacher's answer, in (0, 1]; the label has the rest
   * @param temperature above 0; 1 takes the teacher's answer as it is
   * @return batches whose labels are made as they are read
   */
  public abstract TrainingData taughtBy(Model teacher, double weight, double temperature);

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
    public void reset() {
      batches.reset();
    }

    @Override
    public TrainingData taughtBy(Model teacher, double weight, double temperature) {
      SoftLabels labels = new SoftLabels(teacher, weight, temperature);
      return new Single(new TaughtBatches(batches, labels));
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
    public void reset() {
      batches.reset();
    }

    @Override
    public TrainingData taughtBy(Model teacher, double weight, double temperature) {
      SoftLabels labels = new SoftLabels(teacher, weight, temperature);
      return new Multi(new TaughtMultiBatches(batches, labels));
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
