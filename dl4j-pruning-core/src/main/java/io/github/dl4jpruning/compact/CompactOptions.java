package io.github.dl4jpruning.compact;

import java.util.Optional;
import java.util.function.LongConsumer;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * What a {@link CompactModelSerializer} writes, and how exactly.
 *
 * @param weights how the values of weights are kept
 * @param others how those of all other parameters are kept: biases, scales, statistics, and
 *     whatever belongs to layers that are not known here
 * @param updaterState whether the updater's state is written, always exact
 * @param pruning whether the state of a pruning listener is written, if the network has one
 * @param normalizer a normaliser to keep beside the network, if there is one
 * @param progress told how many parameters have been written or measured until now
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
   * Everything bit for bit, without the updater's state.
   *
   * @return the options
   */
  public static CompactOptions lossless() {
    return builder().build();
  }

  /**
   * Weights in half precision, all else bit for bit.
   *
   * @return the options
   */
  public static CompactOptions halfPrecision() {
    return builder().weights(ValueCoding.half()).build();
  }

  /**
   * Weights that share a few values, all else bit for bit. To train the shared values first, see
   * {@link SharedWeights}.
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

  /** Collects the choices. Each method gives the builder back. */
  public static final class Builder {
    private ValueCoding weights = ValueCoding.exact();
    private ValueCoding others = ValueCoding.exact();
    private boolean updaterState;
    private boolean pruning = true;
    private Optional<DataNormalization> normalizer = Optional.empty();
    private LongConsumer progress = parameters -> {};

    private Builder() {}

    /**
     * How the values of weights are kept; exact unless set.
     *
     * @param coding the coding
     */
    public Builder weights(ValueCoding coding) {
      this.weights = coding;
      return this;
    }

    /**
     * How all other parameters are kept (biases, scales, statistics); exact unless set.
     *
     * @param coding the coding
     */
    public Builder others(ValueCoding coding) {
      this.others = coding;
      return this;
    }

    /**
     * Whether the updater's state is written, to train on; not unless set.
     *
     * @param save true to write it
     */
    public Builder updaterState(boolean save) {
      this.updaterState = save;
      return this;
    }

    /**
     * Whether the state of the network's pruning listener is written, to prune on; it is unless
     * set.
     *
     * @param save true to write it
     */
    public Builder pruning(boolean save) {
      this.pruning = save;
      return this;
    }

    /**
     * Keeps a normaliser beside the network.
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
     * Has someone told how it goes on.
     *
     * @param listener told the number of parameters that are done, after each million
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
