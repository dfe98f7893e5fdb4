package io.github.dl4jpruning.examples.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images in batches: features in [0, 1], in the shape that their format gives, and one-hot labels
 * [n, classes]. Each reset begins an epoch with a new order and new augmentation, which depend only
 * on the seed, so that two runs see the same batches.
 */
@SuppressWarnings("serial") // serializable through an interface of ND4J, never serialised here
public final class ImageBatches implements DataSetIterator {

  private final Images images;
  private final int batchSize;
  private final Augmentation augmentation;

  /** Null for batches in order. */
  private final @Nullable Random random;

  private final List<Integer> order;

  /** Null without augmentation. */
  private @Nullable Random changes;

  private int cursor;

  /** Null for none, as in DL4J's interface. */
  private @Nullable DataSetPreProcessor preProcessor;

  private ImageBatches(
      Images images, int batchSize, Augmentation augmentation, @Nullable Random random) {
    this.images = images;
    this.batchSize = batchSize;
    this.augmentation = augmentation;
    this.random = random;
    this.order = new ArrayList<>(IntStream.range(0, images.size()).boxed().toList());
    reset();
  }

  /**
   * Returns batches in a new order in each epoch, for training.
   *
   * @param images the images
   * @param batchSize images per batch; the last batch of an epoch may be smaller
   * @param seed the seed for the order
   * @return the batches
   */
  public static ImageBatches shuffled(Images images, int batchSize, long seed) {
    return shuffled(images, batchSize, Augmentation.NONE, seed);
  }

  /**
   * Returns batches in a new order in each epoch, with augmented images, for training.
   *
   * @param images the images
   * @param batchSize images per batch; the last batch of an epoch may be smaller
   * @param augmentation the augmentation
   * @param seed the seed for the order and the augmentation
   * @return the batches
   */
  public static ImageBatches shuffled(
      Images images, int batchSize, Augmentation augmentation, long seed) {
    return new ImageBatches(images, batchSize, augmentation, new Random(seed));
  }

  /**
   * Returns batches in the order of the images, for evaluation.
   *
   * @param images the images
   * @param batchSize images per batch
   * @return the batches
   */
  public static ImageBatches inOrder(Images images, int batchSize) {
    return new ImageBatches(images, batchSize, Augmentation.NONE, null);
  }

  /**
   * Returns the length of an epoch.
   *
   * @param images the images
   * @param batchSize images per batch
   * @return the number of batches
   */
  public static int count(Images images, int batchSize) {
    return (images.size() - 1) / batchSize + 1;
  }

  @Override
  public void reset() {
    cursor = 0;
    if (random != null) {
      Collections.shuffle(order, random);
      if (!augmentation.isNone()) {
        changes = new Random(random.nextLong());
      }
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
    ImageFormat format = images.format();
    int classes = format.classes().size();
    float[] features = new float[size * format.values()];
    float[] labels = new float[size * classes];
    int next = 0;
    for (int row = 0; row < size; row++) {
      int position = order.get(cursor++);
      byte[] image = images.images()[position];
      if (changes != null) {
        image = augmentation.apply(image, format, changes);
      }
      for (byte value : image) {
        features[next++] = (value & 0xFF) / 255f;
      }
      labels[row * classes + images.labels()[position]] = 1f;
    }
    INDArray values = Nd4j.createFromArray(features).reshape(format.shape(size));
    DataSet batch = new DataSet(values, Nd4j.createFromArray(labels).reshape(size, classes));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  @Override
  public int inputColumns() {
    return images.format().values();
  }

  @Override
  public int totalOutcomes() {
    return images.format().classes().size();
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  /** Making a batch costs less than handing it to another thread. */
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
    return images.format().classes();
  }
}
