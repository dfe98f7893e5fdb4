package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * How a network is exported, and what the file is checked on. Each method gives a copy with one
 * choice changed.
 *
 * @param inputTypes of the network's inputs; empty to take them from the network
 * @param normalizer the first operation of the plan, so that the model takes raw data
 * @param halfPrecision whether weights are written with 16 bits
 * @param sparseInitializers whether an ONNX file lists only the weights that are not zero
 * @param data what the file is checked on; empty for random inputs
 * @param tolerance how far an output may be from that of DL4J, in parts of the largest output of a
 *     sample
 */
public record ExportOptions(
    List<InputType> inputTypes,
    Optional<DataNormalization> normalizer,
    boolean halfPrecision,
    boolean sparseInitializers,
    Optional<MultiDataSetIterator> data,
    double tolerance) {

  private static final double USUAL_TOLERANCE = 1e-4;

  /** Sixteen bits have a relative error of 2⁻¹¹ for each weight. */
  private static final double HALF_TOLERANCE = 0.02;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the tolerance is negative or not finite
   */
  public ExportOptions {
    inputTypes = List.copyOf(inputTypes);
    if (!(tolerance >= 0 && Double.isFinite(tolerance))) {
      throw new IllegalArgumentException(
          "tolerance must be a finite number of 0 or more, but is " + tolerance);
    }
  }

  /**
   * The network as it is, checked on random inputs.
   *
   * @return options without any choice
   */
  public static ExportOptions defaults() {
    return new ExportOptions(
        List.of(), Optional.empty(), false, false, Optional.empty(), USUAL_TOLERANCE);
  }

  /**
   * Says what the network reads, where it does not say so itself: images of a network without a
   * dense layer can have any size.
   *
   * @param types one for each input, in the order of the network
   * @return new options
   */
  public ExportOptions withInputTypes(InputType... types) {
    return new ExportOptions(
        List.of(types), normalizer, halfPrecision, sparseInitializers, data, tolerance);
  }

  /**
   * Makes a normaliser the first operation, so that the model takes data as they were before it.
   *
   * @param fitted a normaliser that has been fitted; that of labels is not used
   * @return new options
   */
  public ExportOptions withNormalizer(DataNormalization fitted) {
    return new ExportOptions(
        inputTypes, Optional.of(fitted), halfPrecision, sparseInitializers, data, tolerance);
  }

  /**
   * Writes weights with 16 bits, which makes a file about half as long, and allows for outputs that
   * differ by 2%.
   *
   * @return new options
   */
  public ExportOptions withHalfPrecision() {
    return new ExportOptions(
        inputTypes,
        normalizer,
        true,
        sparseInitializers,
        data,
        Math.max(tolerance, HALF_TOLERANCE));
  }

  /**
   * Writes the weights of an ONNX file as sparse initialisers where that takes fewer bytes. Not
   * every engine reads them. The other formats are sparse in any case.
   *
   * @return new options
   */
  public ExportOptions withSparseInitializers() {
    return new ExportOptions(inputTypes, normalizer, halfPrecision, true, data, tolerance);
  }

  /**
   * Checks the file on data instead of random inputs.
   *
   * @param data what the network reads, as DL4J gets it: before a normaliser of these options; it
   *     must be resettable
   * @return new options
   */
  public ExportOptions checkedOn(DataSetIterator data) {
    return checkedOn(new MultiDataSetIteratorAdapter(data));
  }

  /**
   * Checks the file on data instead of random inputs.
   *
   * @param data what the network reads; it must be resettable
   * @return new options
   */
  public ExportOptions checkedOn(MultiDataSetIterator data) {
    return new ExportOptions(
        inputTypes, normalizer, halfPrecision, sparseInitializers, Optional.of(data), tolerance);
  }

  /**
   * Sets how far outputs may be from those of DL4J. A file that differs by more is not written.
   *
   * @param part of the largest output of a sample; 0.0001 unless set
   * @return new options
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public ExportOptions withTolerance(double part) {
    return new ExportOptions(inputTypes, normalizer, halfPrecision, sparseInitializers, data, part);
  }
}
