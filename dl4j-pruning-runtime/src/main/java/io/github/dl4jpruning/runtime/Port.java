package io.github.dl4jpruning.runtime;

/** An input or an output of a model: its name and the arrangement of its numbers. */
public final class Port {

  static final int VECTOR = 0;
  static final int SEQUENCE = 1;
  static final int VOLUME = 2;

  private final String name;
  private final int kind;
  private final boolean channelsLast;
  private final Shape shape;

  /** The index of its value. */
  final int value;

  Port(String name, int kind, boolean channelsLast, Shape shape, int value) {
    this.name = name;
    this.kind = kind;
    this.channelsLast = channelsLast;
    this.shape = shape;
    this.value = value;
  }

  /**
   * Returns the name in the network.
   *
   * @return a name that is unique among the inputs, or among the outputs
   */
  public String name() {
    return name;
  }

  /**
   * Returns whether this is a sequence, with any number of time steps.
   *
   * @return whether the length of its arrays is a multiple of {@link #channels}
   */
  public boolean isSequence() {
    return kind == SEQUENCE;
  }

  /**
   * Returns the number of channels: features of a vector or of a time step, colours of an image.
   *
   * @return at least 1
   */
  public int channels() {
    return shape.channels;
  }

  /**
   * Returns whether the channels of a position or of a time step are adjacent.
   *
   * @return false if each channel is contiguous, the default in DL4J
   */
  public boolean isChannelsLast() {
    return channelsLast;
  }

  /**
   * Returns the number of elements.
   *
   * @return the elements of one sample, or of one time step of a sequence
   */
  public int length() {
    return shape.length();
  }

  /**
   * Returns the height of an image.
   *
   * @return the number of rows; 1 for vectors and sequences
   */
  public int height() {
    return shape.height;
  }

  /**
   * Returns the width of an image.
   *
   * @return the number of columns; 1 for vectors and sequences
   */
  public int width() {
    return shape.width;
  }

  Shape shape(int steps) {
    return kind == SEQUENCE ? Shape.vectors(steps, shape.channels) : shape;
  }

  /** Returns the number of steps of an array. */
  int steps(float[] values) {
    int own = shape.length();
    boolean fits = kind == SEQUENCE ? values.length % own == 0 : values.length == own;
    if (!fits || values.length == 0) {
      throw new IllegalArgumentException(
          "input "
              + text()
              + ": expected "
              + (kind == SEQUENCE ? "a multiple of " : "")
              + own
              + " values, but found "
              + values.length);
    }
    return kind == SEQUENCE ? values.length / own : 1;
  }

  private String text() {
    return name.isEmpty() ? "of the model" : "'" + name + "'";
  }

  /** Copies an array of the caller into a value. */
  void read(float[] values, Value to) {
    if (to.shape.planes) {
      readPlanes(values, to);
    } else if (kind == SEQUENCE && !channelsLast) {
      transpose(values, to.flat, to.shape.channels, to.shape.items);
    } else {
      System.arraycopy(values, 0, to.flat, 0, values.length);
    }
  }

  private void readPlanes(float[] values, Value to) {
    int positions = to.shape.positions();
    int channels = to.shape.channels;
    for (int i = 0; i < to.planes.length; i++) {
      float[] plane = to.planes[i];
      if (channelsLast) {
        for (int p = 0, at = i; p < positions; p++, at += channels) {
          plane[p] = values[at];
        }
      } else {
        System.arraycopy(values, i * positions, plane, 0, positions);
      }
    }
  }

  /** Checks the length of an array for an output. */
  void requireRoom(Value from, float[] values) {
    if (values.length != from.shape.length()) {
      throw new IllegalArgumentException(
          "output "
              + text()
              + ": expected room for "
              + from.shape.length()
              + " values, but found "
              + values.length);
    }
  }

  /** Copies a value into an array of the caller. */
  void write(Value from, float[] values) {
    requireRoom(from, values);
    if (from.shape.planes) {
      writePlanes(from, values);
    } else if (!channelsLast && from.shape.items > 1) {
      transpose(from.flat, values, from.shape.items, from.shape.channels);
    } else {
      System.arraycopy(from.flat, 0, values, 0, values.length);
    }
  }

  private void writePlanes(Value from, float[] values) {
    int positions = from.shape.positions();
    int channels = from.shape.channels;
    for (int i = 0; i < from.planes.length; i++) {
      float[] plane = from.planes[i];
      int first = i / channels * channels * positions;
      if (channelsLast) {
        for (int p = 0, at = first + i % channels; p < positions; p++, at += channels) {
          values[at] = plane[p];
        }
      } else {
        System.arraycopy(plane, 0, values, i * positions, positions);
      }
    }
  }

  /** The only port of a model; one with several is used by names. */
  static Port only(Port[] ports, String what) {
    if (ports.length != 1) {
      throw new IllegalStateException(
          "expected a model with one "
              + what
              + ", but it has "
              + ports.length
              + "; use set, run and get with their names");
    }
    return ports[0];
  }

  /** The port with a name. */
  static Port named(Port[] ports, String name, String what) {
    StringBuilder names = new StringBuilder();
    for (Port port : ports) {
      if (port.name().equals(name)) {
        return port;
      }
      names.append(names.length() == 0 ? "" : ", ").append(port.name());
    }
    throw new IllegalArgumentException(
        "expected the name of an " + what + " (" + names + "), but found " + name);
  }

  private static void transpose(float[] x, float[] y, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        y[c * rows + r] = x[r * columns + c];
      }
    }
  }

  /** Returns name and size, as in "'image', 3x32x32". */
  @Override
  public String toString() {
    return (name.isEmpty() ? "" : "'" + name + "', ")
        + (kind == SEQUENCE ? "steps of " : "")
        + shape;
  }
}
