package io.github.dl4jpruning.examples.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Digits in batches: features [n, 784] in [0, 1], labels [n, 10] one-hot. Each reset begins an
 * epoch with an order of its own, which depends on the seed alone, so that two runs see the same
 * batches.
 */
@SuppressWarnings("serial") // serializable by an interface of ND4J, never serialised here
public final class DigitBatches implements DataSetIterator {

  private final Digits digits;
  private final int batchSize;
  private final Random random;
  private final List<Integer> order;
  private int cursor;
  private DataSetPreProcessor preProcessor;

  private DigitBatches(Digits digits, int batchSize, Random random) {
    this.digits = digits;
    this.batchSize = batchSize;
    this.random = random;
    this.order = new ArrayList<>(IntStream.range(0, digits.size()).boxed().toList());
    reset();
  }

  /**
   * Batches in a new order in each epoch, for training.
   *
   * @param digits the images
   * @param batchSize images per batch; the last batch of an epoch may be smaller
   * @param seed decides the order
   * @return the batches
   */
  public static DigitBatches shuffled(Digits digits, int batchSize, long seed) {
    return new DigitBatches(digits, batchSize, new Random(seed));
  }

  /**
   * Batches in the order of the images, for evaluation.
   *
   * @param digits the images
   * @param batchSize images per batch
   * @return the batches
   */
  public static DigitBatches inOrder(Digits digits, int batchSize) {
    return new DigitBatches(digits, batchSize, null);
  }

  /**
   * The length of an epoch.
   *
   * @param digits the images
   * @param batchSize images per batch
   * @return the number of batches
   */
  public static int count(Digits digits, int batchSize) {
    return (digits.size() - 1) / batchSize + 1;
  }

  @Override
  public void reset() {
    cursor = 0;
    if (random != null) {
      Collections.shuffle(order, random);
    }
  }

  @Override
  public boolean hasNext() {
    return cursor < order.size();
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
    int size = Math.min(most, order.size() - cursor);
    float[] features = new float[size * Digits.PIXELS];
    float[] labels = new float[size * Digits.CLASSES];
    for (int row = 0; row < size; row++) {
      int digit = order.get(cursor++);
      byte[] pixels = digits.images()[digit];
      for (int p = 0; p < pixels.length; p++) {
        features[row * Digits.PIXELS + p] = (pixels[p] & 0xFF) / 255f;
      }
      labels[row * Digits.CLASSES + digits.labels()[digit]] = 1f;
    }
    DataSet batch =
        new DataSet(
            Nd4j.createFromArray(features).reshape(size, Digits.PIXELS),
            Nd4j.createFromArray(labels).reshape(size, Digits.CLASSES));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  @Override
  public int inputColumns() {
    return Digits.PIXELS;
  }

  @Override
  public int totalOutcomes() {
    return Digits.CLASSES;
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  /** A batch costs less than handing it to another thread. */
  @Override
  public boolean asyncSupported() {
    return false;
  }

  @Override
  public int batch() {
    return batchSize;
  }

  @Override
  public void setPreProcessor(DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public List<String> getLabels() {
    return IntStream.range(0, Digits.CLASSES).mapToObj(String::valueOf).toList();
  }
}
