package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The bits of a network's parameters, or of its updater state, by flat index. Reading and writing
 * preserve every bit, even the payload of a NaN.
 */
public final class RawValues {

  /** Null if there is none. */
  private final @Nullable INDArray array;

  private RawValues(@Nullable INDArray array) {
    this.array = array == null || array.isEmpty() ? null : array;
  }

  /**
   * Returns values of length 0.
   *
   * @return no values
   */
  public static RawValues none() {
    return new RawValues(null);
  }

  /**
   * Returns the parameters of a network.
   *
   * @param network an initialised network
   * @return its parameters; of length 0 if it has none
   */
  public static RawValues parametersOf(Model network) {
    Network of = Network.of(network);
    return new RawValues(of.count() == 0 ? null : of.parameters());
  }

  /**
   * Returns the state of a network's updater.
   *
   * @param network an initialised network
   * @return its state; of length 0 if it has none
   */
  public static RawValues updaterStateOf(Model network) {
    return new RawValues(Network.of(network).updaterState());
  }

  /**
   * Returns the state of a network's updater for saving: in the layout of a network that is created
   * from the saved configuration.
   *
   * @param network an initialised network
   * @param configuration its configuration, as saved in the same file
   * @return its state; of length 0 if it has none
   */
  public static RawValues updaterStateOf(Model network, SavedConfiguration configuration) {
    return new RawValues(NetworkStore.stateFor(network, configuration));
  }

  /**
   * Returns the number of values.
   *
   * @return 0 or more
   */
  public long length() {
    return array == null ? 0 : array.length();
  }

  /**
   * Returns the size of a value.
   *
   * @return 2, 4 or 8 bytes; 4 if there are no values
   */
  public int width() {
    return array == null ? Float.BYTES : array.dataType().width();
  }

  /**
   * Returns a view of the values, valid until DL4J replaces its arrays.
   *
   * @return the view
   * @throws IllegalStateException if there are no values
   */
  public View view() {
    if (array == null) {
      throw new IllegalStateException("expected values to look at, but there are none");
    }
    return new View(array);
  }

  /** A view of values. */
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
     * @param target receives the bits
     * @param length the number of values
     */
    public void read(long from, long[] target, int length) {
      values.readBits(from, target, length);
    }

    /**
     * Sets values.
     *
     * @param from flat index of the first value
     * @param source the bits
     * @param length the number of values
     */
    public void write(long from, long[] source, int length) {
      FlatValues.toWrite(array).writeBits(from, source, length);
    }
  }
}
