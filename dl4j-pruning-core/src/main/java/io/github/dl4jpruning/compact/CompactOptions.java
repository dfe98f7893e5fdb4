package io.github.dl4jpruning.compact;

import java.util.Optional;
import java.util.function.LongConsumer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * What a {@link CompactModelSerializer} writes, and with what precision.
 *
 * @param weights the coding of weights
 * @param others the coding of all other parameters: biases, scales, statistics, and the parameters
 *     of unknown layers
 * @param updaterState whether the updater state is written, always exact
 * @param pruning whether the state of the network's pruning listener is written, if it has one
 * @param normalizer a normaliser to write with the network; may be empty
 * @param progress receives the number of parameters written or measured so far
 */
public record CompactOptions(
    ValueCoding weights,
    ValueCoding others,
    boolean updaterState,
    boolean pruning,
    Optional<DataNormalization> normalizer,
    LongConsumer progress) {

  /** Checks that the choices are set. */
  public CompactOptions {
    if (weights == null || others == null) {
      throw new IllegalArgumentException(
          "weights and others must be set, but are " + weights + " and " + others);
    }
    if (normalizer == null || progress == null) {
      throw new IllegalArgumentException(
          "normalizer and progress must be set, but are " + normalizer + " and " + progress);
    }
  }

  /**
   * Everything bit for bit, without the updater state.
   *
   * @return the options
   */
  public static CompactOptions lossless() {
    return builder().build();
  }

  /**
   * Weights in half precision, everything else bit for bit.
   *
   * @return the options
   */
  public static CompactOptions halfPrecision() {
    return builder().weights(ValueCoding.half()).build();
  }

  /**
   * Weights that share a few values, everything else bit for bit. {@link SharedWeights} trains the
   * shared values before writing.
   *
   * @param bits 2^bits values in each tensor, 1 to 8 bits
   * @return the options
   * @throws IllegalArgumentException if bits are out of range
   */
  public static CompactOptions sharedWeights(int bits) {
    return builder().weights(ValueCoding.shared(bits)).build();
  }

  /**
   * Starts with {@link #lossless}.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder of options. Each setter returns the builder. */
  public static final class Builder {
    private ValueCoding weights = ValueCoding.exact();
    private ValueCoding others = ValueCoding.exact();
    private boolean updaterState;
    private boolean pruning = true;
    private Optional<DataNormalization> normalizer = Optional.empty();
    private LongConsumer progress = parameters -> {};

    private Builder() {}

    /**
     * Sets the coding of weights; exact by default.
     *
     * @param coding the coding
     */
    public Builder weights(ValueCoding coding) {
      this.weights = coding;
      return this;
    }

    /**
     * Sets the coding of all other parameters (biases, scales, statistics); exact by default.
     *
     * @param coding the coding
     */
    public Builder others(ValueCoding coding) {
      this.others = coding;
      return this;
    }

    /**
     * Sets whether the updater state is written, to continue training; false by default.
     *
     * @param save true to write it
     */
    public Builder updaterState(boolean save) {
      this.updaterState = save;
      return this;
    }

    /**
     * Sets whether the state of the network's pruning listener is written, to continue pruning;
     * true by default.
     *
     * @param save true to write it
     */
    public Builder pruning(boolean save) {
      this.pruning = save;
      return this;
    }

    /**
     * Writes a normaliser with the network.
     *
     * @param fitted a {@code NormalizerStandardize}, {@code NormalizerMinMaxScaler} or {@code
     *     ImagePreProcessingScaler}
     * @throws IllegalArgumentException if it is null
     */
    public Builder normalizer(DataNormalization fitted) {
      if (fitted == null) {
        throw new IllegalArgumentException("normalizer must be set, but is null");
      }
      this.normalizer = Optional.of(fitted);
      return this;
    }

    /**
     * Reports progress.
     *
     * @param listener receives the number of finished parameters, after about each million
     */
    public Builder progress(LongConsumer listener) {
      this.progress = listener;
      return this;
    }

    /**
     * Checks the choices.
     *
     * @return the options
     * @throws IllegalArgumentException if a choice is null
     */
    public CompactOptions build() {
      return new CompactOptions(weights, others, updaterState, pruning, normalizer, progress);
    }
  }
}
