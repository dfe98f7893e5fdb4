package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The bits of a network's parameters, or of its updater's state, by flat index. What is read here
 * and written again is the same down to the payload of a NaN.
 */
public final class RawValues {

  /** Null if there is none. */
  private final @Nullable INDArray array;

  private RawValues(@Nullable INDArray array) {
    this.array = array == null || array.isEmpty() ? null : array;
  }

  /**
   * No values.
   *
   * @return values of length 0
   */
  public static RawValues none() {
    return new RawValues(null);
  }

  /**
   * The parameters of a network.
   *
   * @param network an initialised network
   * @return its parameters, maybe none
   */
  public static RawValues parametersOf(Model network) {
    Network of = Network.of(network);
    return new RawValues(of.count() == 0 ? null : of.parameters());
  }

  /**
   * The state of a network's updater.
   *
   * @param network an initialised network
   * @return its state; of length 0 for an updater without
   */
  public static RawValues updaterStateOf(Model network) {
    return new RawValues(Network.of(network).updaterState());
  }

  /**
   * The state of a network's updater, to be saved: in the layout that a network has which is made
   * of the saved configuration.
   *
   * @param network an initialised network
   * @param configuration its configuration, which stands in the same file
   * @return its state; of length 0 for an updater without
   */
  public static RawValues updaterStateOf(Model network, SavedConfiguration configuration) {
    return new RawValues(NetworkStore.stateFor(network, configuration));
  }

  /**
   * The number of values.
   *
   * @return 0 or more
   */
  public long length() {
    return array == null ? 0 : array.length();
  }

  /**
   * The size of a value.
   *
   * @return 2, 4 or 8 bytes, and 4 where there are no values
   */
  public int width() {
    return array == null ? Float.BYTES : array.dataType().width();
  }

  /**
   * A look at the values, good until DL4J replaces its arrays.
   *
   * @return the look
   * @throws IllegalStateException if there are no values
   */
  public View view() {
    if (array == null) {
      throw new IllegalStateException("expected values to look at, but there are none");
    }
    return new View(array);
  }

  /** A look at values. */
  public static final class View {
    private final INDArray array;
    private final FlatValues values;

    private View(INDArray array) {
      this.array = array;
      this.values = FlatValues.of(array);
    }

    /**
     * Copies bits.
     *
     * @param from flat index of the first value
     * @param target where they go
     * @param length how many
     */
    public void read(long from, long[] target, int length) {
      values.readBits(from, target, length);
    }

    /**
     * Sets values.
     *
     * @param from flat index of the first value
     * @param source their bits
     * @param length how many
     */
    public void write(long from, long[] source, int length) {
      FlatValues.toWrite(array).writeBits(from, source, length);
    }
  }
}
