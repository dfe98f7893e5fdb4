package io.github.dl4jpruning.data;

import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Some samples in batches. The order of an epoch depends only on the seed and on the number of
 * resets before it, so that a training that was stopped can go on with the same batches.
 *
 * <p>Each call of {@link #next} reads its samples anew: no more than a batch is in memory.
 */
@SuppressWarnings({
  "serial",
  "NonSerializableField"
}) // ND4J's interface is Serializable, but nobody serialises this
public final class SampleBatches implements DataSetIterator {

  private final Samples samples;
  private final int[] order;
  private final int batchSize;

  /** Empty for batches in the given order. */
  private final Optional<Random> random;

  private int cursor;

  /** Null for none, as in DL4J's interface. */
  private @Nullable DataSetPreProcessor preProcessor;

  private SampleBatches(Samples samples, int[] positions, int batchSize, OptionalLong seed) {
    if (batchSize < 1 || positions.length == 0) {
      throw new IllegalArgumentException(
          "expected a batch size of 1 or more and at least one sample, but found a batch size of "
              + batchSize
              + " and "
              + positions.length
              + " samples");
    }
    this.samples = samples;
    this.order = positions.clone();
    this.batchSize = batchSize;
    this.random = seed.isPresent() ? Optional.of(new Random(seed.getAsLong())) : Optional.empty();
    reset(); // samples are often sorted by their class
  }

  /**
   * Returns batches in a new order after each reset, for training.
   *
   * @param samples the samples
   * @param positions which of them
   * @param batchSize samples in a batch; the last batch of an epoch may be smaller
   * @param seed the seed for the order
   * @return the batches
   */
  public static SampleBatches shuffled(Samples samples, int[] positions, int batchSize, long seed) {
    return new SampleBatches(samples, positions, batchSize, OptionalLong.of(seed));
  }

  /**
   * Returns batches in the order of the positions, for evaluation.
   *
   * @param samples the samples
   * @param positions which of them
   * @param batchSize samples in a batch
   * @return the batches
   */
  public static SampleBatches inOrder(Samples samples, int[] positions, int batchSize) {
    return new SampleBatches(samples, positions, batchSize, OptionalLong.empty());
  }

  /**
   * Sets what is applied to each batch.
   *
   * @param normalizer a fitted normaliser, or another preprocessor; empty for none
   * @return this
   */
  public SampleBatches through(Optional<? extends DataSetPreProcessor> normalizer) {
    preProcessor = normalizer.orElse(null);
    return this;
  }

  /**
   * Returns the length of an epoch.
   *
   * @return the number of batches
   */
  public int count() {
    return (order.length - 1) / batchSize + 1;
  }

  @Override
  public void reset() {
    cursor = 0;
    random.ifPresent(
        source -> {
          for (int i = order.length - 1; i > 0; i--) {
            int other = source.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
          }
        });
  }

  @Override
  public boolean hasNext() {
    return cursor < order.length;
  }

  @Override
  public DataSet next() {
    return next(batchSize);
  }

  @Override
  public DataSet next(int most) {
    if (!hasNext()) {
      throw new NoSuchElementException("the epoch has ended; reset() begins the next one");
    }
    int end = Math.min(order.length, cursor + most);
    DataSet batch = samples.read(Arrays.copyOfRange(order, cursor, end));
    cursor = end;
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  @Override
  public int inputColumns() {
    return (int) samples.read(order[0]).getFeatures().size(1);
  }

  @Override
  public int totalOutcomes() {
    return (int) samples.read(order[0]).getLabels().size(1);
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public boolean asyncSupported() {
    return false;
  }

  @Override
  public int batch() {
    return batchSize;
  }

  @Override
  public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public @Nullable DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public List<String> getLabels() {
    return samples.classes();
  }
}
