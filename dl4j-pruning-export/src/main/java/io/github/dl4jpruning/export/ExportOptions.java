package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * How a network is exported. Each method gives a copy with one choice changed.
 *
 * @param inputTypes of the network's inputs; empty to take them from the network
 * @param normalizer the first operation of the plan, so that the model takes raw data
 * @param halfPrecision whether weights are written with 16 bits
 */
public record ExportOptions(
    List<InputType> inputTypes, Optional<DataNormalization> normalizer, boolean halfPrecision) {

  /** Copies the list. */
  public ExportOptions {
    inputTypes = List.copyOf(inputTypes);
  }

  /**
   * The network as it is.
   *
   * @return options without any choice
   */
  public static ExportOptions defaults() {
    return new ExportOptions(List.of(), Optional.empty(), false);
  }

  /**
   * Says what the network reads, where it does not say so itself: images of a network without a
   * dense layer can have any size.
   *
   * @param types one for each input, in the order of the network
   * @return new options
   */
  public ExportOptions withInputTypes(InputType... types) {
    return new ExportOptions(List.of(types), normalizer, halfPrecision);
  }

  /**
   * Makes a normaliser the first operation, so that the model takes data as they were before it.
   *
   * @param fitted a normaliser that has been fitted; that of labels is not used
   * @return new options
   */
  public ExportOptions withNormalizer(DataNormalization fitted) {
    return new ExportOptions(inputTypes, Optional.of(fitted), halfPrecision);
  }

  /**
   * Writes weights with 16 bits, which makes a file about half as long.
   *
   * @return new options
   */
  public ExportOptions withHalfPrecision() {
    return new ExportOptions(inputTypes, normalizer, true);
  }
}
