package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * Options of an export and of the check of its file. Each method returns a copy with one changed
 * option.
 *
 * @param inputTypes the types of the network's inputs; empty to take them from the network
 * @param normalizer the first operation of the plan, so that the model takes raw data
 * @param halfPrecision whether weights are written with 16 bits
 * @param sparseInitializers whether an ONNX file lists only the weights that are not zero
 * @param data the data for the check; empty for random inputs
 * @param tolerance the largest allowed difference from DL4J's output, relative to the largest
 *     output of a sample
 */
public record ExportOptions(
    List<InputType> inputTypes,
    Optional<DataNormalization> normalizer,
    boolean halfPrecision,
    boolean sparseInitializers,
    Optional<MultiDataSetIterator> data,
    double tolerance) {

  private static final double USUAL_TOLERANCE = 1e-4;

  /** 16 bits have a relative error of 2⁻¹¹ for each weight. */
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
   * Returns the default options: the network unchanged, checked on random inputs.
   *
   * @return the default options
   */
  public static ExportOptions defaults() {
    return new ExportOptions(
        List.of(), Optional.empty(), false, false, Optional.empty(), USUAL_TOLERANCE);
  }

  /**
   * Sets the types of the inputs if they cannot be taken from the network: images of a network
   * without a dense layer can have any size.
   *
   * @param types one type for each input, in the order of the network
   * @return new options
   */
  public ExportOptions withInputTypes(InputType... types) {
    return new ExportOptions(
        List.of(types), normalizer, halfPrecision, sparseInitializers, data, tolerance);
  }

  /**
   * Makes a normaliser the first operation, so that the model takes raw data.
   *
   * @param fitted a fitted normaliser; its statistics of labels are not used
   * @return new options
   */
  public ExportOptions withNormalizer(DataNormalization fitted) {
    return new ExportOptions(
        inputTypes, Optional.of(fitted), halfPrecision, sparseInitializers, data, tolerance);
  }

  /**
   * Writes weights with 16 bits, which halves the size of the file approximately, and allows
   * outputs to differ by 2%.
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
   * @param data the inputs as DL4J gets them, before a normaliser of these options is applied; must
   *     be resettable
   * @return new options
   */
  public ExportOptions checkedOn(DataSetIterator data) {
    return checkedOn(new MultiDataSetIteratorAdapter(data));
  }

  /**
   * Checks the file on data instead of random inputs.
   *
   * @param data the inputs; must be resettable
   * @return new options
   */
  public ExportOptions checkedOn(MultiDataSetIterator data) {
    return new ExportOptions(
        inputTypes, normalizer, halfPrecision, sparseInitializers, Optional.of(data), tolerance);
  }

  /**
   * Sets how far outputs may differ from DL4J's outputs. If they differ by more, no file is
   * written.
   *
   * @param part the tolerance relative to the largest output of a sample; the default is 0.0001
   * @return new options
   * @throws IllegalArgumentException if the tolerance is negative or not finite
   */
  public ExportOptions withTolerance(double part) {
    return new ExportOptions(inputTypes, normalizer, halfPrecision, sparseInitializers, data, part);
  }
}
