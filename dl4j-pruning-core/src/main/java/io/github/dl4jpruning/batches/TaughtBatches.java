package io.github.dl4jpruning.batches;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Batches of another iterator with {@link SoftLabels}. */
@SuppressWarnings({
  "serial",
  "NonSerializableField"
}) // ND4J's interface is Serializable, but nobody serialises this
final class TaughtBatches implements DataSetIterator {

  private final DataSetIterator batches;
  private final SoftLabels labels;

  TaughtBatches(DataSetIterator batches, SoftLabels labels) {
    this.batches = batches;
    this.labels = labels;
  }

  @Override
  public DataSet next() {
    return taught(batches.next());
  }

  @Override
  public DataSet next(int most) {
    return taught(batches.next(most));
  }

  private DataSet taught(DataSet batch) {
    INDArray[] mixed =
        labels.mix(
            new INDArray[] {batch.getFeatures()},
            new INDArray[] {batch.getLabels()},
            arrayOf(batch.getFeaturesMaskArray()),
            arrayOf(batch.getLabelsMaskArray()));
    return new DataSet(
        batch.getFeatures(), mixed[0], batch.getFeaturesMaskArray(), batch.getLabelsMaskArray());
  }

  private static INDArray @Nullable [] arrayOf(@Nullable INDArray mask) {
    return mask == null ? null : new INDArray[] {mask};
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
  public int inputColumns() {
    return batches.inputColumns();
  }

  @Override
  public int totalOutcomes() {
    return batches.totalOutcomes();
  }

  @Override
  public int batch() {
    return batches.batch();
  }

  @Override
  public void setPreProcessor(DataSetPreProcessor preProcessor) {
    batches.setPreProcessor(preProcessor);
  }

  @Override
  public DataSetPreProcessor getPreProcessor() {
    return batches.getPreProcessor();
  }

  @Override
  public List<String> getLabels() {
    return batches.getLabels();
  }
}
