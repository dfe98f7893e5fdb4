package io.github.dl4jpruning.batches;

import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Batches of another iterator with {@link SoftLabels}. */
@SuppressWarnings({
  "serial",
  "NonSerializableField"
}) // ND4J's interface is Serializable, but nobody serialises this
final class TaughtMultiBatches implements MultiDataSetIterator {

  private final MultiDataSetIterator batches;
  private final SoftLabels labels;

  TaughtMultiBatches(MultiDataSetIterator batches, SoftLabels labels) {
    this.batches = batches;
    this.labels = labels;
  }

  @Override
  public MultiDataSet next() {
    return taught(batches.next());
  }

  @Override
  public MultiDataSet next(int most) {
    return taught(batches.next(most));
  }

  private MultiDataSet taught(MultiDataSet batch) {
    return new org.nd4j.linalg.dataset.MultiDataSet(
        batch.getFeatures(),
        labels.mix(
            batch.getFeatures(),
            batch.getLabels(),
            batch.getFeaturesMaskArrays(),
            batch.getLabelsMaskArrays()),
        batch.getFeaturesMaskArrays(),
        batch.getLabelsMaskArrays());
  }

  @Override
  public boolean hasNext() {
    return batches.hasNext();
  }

  @Override
  public void reset() {
    batches.reset();
  }

  @Override
  public boolean resetSupported() {
    return batches.resetSupported();
  }

  /** The teacher computes in the thread that trains; two at once would slow each other down. */
  @Override
  public boolean asyncSupported() {
    return false;
  }

  @Override
  public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
    batches.setPreProcessor(preProcessor);
  }

  @Override
  public MultiDataSetPreProcessor getPreProcessor() {
    return batches.getPreProcessor();
  }
}
