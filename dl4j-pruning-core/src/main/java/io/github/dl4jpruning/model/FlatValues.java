package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.bytedeco.javacpp.indexer.ShortIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Access to the elements of a contiguous array of any supported type by flat index, without an
 * INDArray call per element. Large arrays are processed in slices by several threads.
 *
 * <p>The elements are read and written in host memory. If the backend keeps arrays on a device,
 * they are copied to the host before they are read. Before they are written, the host copy is
 * marked as the newer one, so that the backend copies it back before its next operation. On a CPU
 * neither step does anything.
 *
 * <p>The indexer of a view starts at the view, so index 0 is always the first element of the given
 * array. The three subclasses differ only in their indexer. The loops over all elements are
 * repeated in each of them, so that they need no virtual call per element.
 */
abstract sealed class FlatValues {

  /** Words of a mask (of 64 elements) in one slice. */
  static final int SLICE = 1 << 12;

  /** Number of elements that are copied at a time; small enough for the cache. */
  static final int CHUNK = 1 << 11;

  /**
   * Opens an array for reading.
   *
   * @throws IllegalArgumentException if its type is not FLOAT, DOUBLE or HALF
   */
  static FlatValues of(INDArray array) {
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    return open(array);
  }

  /**
   * Opens an array for writing, which must be done immediately, before any other operation.
   *
   * @throws IllegalArgumentException if its type is not FLOAT, DOUBLE or HALF
   */
  static FlatValues toWrite(INDArray array) {
    FlatValues values = of(array);
    Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    return values;
  }

  private static FlatValues open(INDArray array) {
    Indexer indexer = array.data().indexer();
    if (indexer instanceof FloatIndexer floats) {
      return new Floats(floats);
    } else if (indexer instanceof DoubleIndexer doubles) {
      return new Doubles(doubles);
    } else if (indexer instanceof HalfIndexer halves) {
      return new Halves(halves);
    }
    throw unsupported(array.dataType());
  }

  static void checkSupported(DataType type) {
    if (type != DataType.FLOAT && type != DataType.DOUBLE && type != DataType.FLOAT16) {
      throw unsupported(type);
    }
  }

  private static IllegalArgumentException unsupported(DataType type) {
    return new IllegalArgumentException(
        "expected parameters of type FLOAT, DOUBLE or HALF, but found " + type);
  }

  abstract double get(long index);

  abstract void set(long index, double value);

  /** Copies elements, and returns whether they are all finite. */
  abstract boolean copySlice(long offset, double[] target, int from, int to);

  /** Sets the elements of one word of a mask. */
  abstract void putWord(long offset, long bits, double value);

  /** Counts the elements of one word of a mask that are not zero; NaN counts as not zero. */
  abstract int countNonZero(long offset, long bits);

  /** Copies the raw bits of elements. */
  abstract void readBits(long offset, long[] target, int length);

  /** Sets elements to raw bits. */
  abstract void writeBits(long offset, long[] source, int length);

  /** Reads elements in the form in which ND4J writes them: big-endian, one after the other. */
  abstract void read(DataInputStream in, long length) throws IOException;

  /**
   * Copies elements from {@code offset} on until the target is full.
   *
   * @return whether they are all finite
   */
  final boolean copy(long offset, double[] target) {
    return slices(target.length)
        .mapToObj(
            s -> {
              int from = s * SLICE * Mask.WORD;
              int to = from + Math.min(SLICE * Mask.WORD, target.length - from);
              return copySlice(offset, target, from, to);
            })
        .reduce(true, (a, b) -> a && b);
  }

  /**
   * Sets some elements.
   *
   * @param offset index of the element that is the mask's first entry
   * @param entries the affected entries: those that this mask keeps
   * @param value the new value
   */
  final void put(long offset, Mask entries, double value) {
    slices(entries.length())
        .forEach(
            s -> {
              int end = Math.min(entries.words(), (s + 1) * SLICE);
              for (int w = s * SLICE; w < end; w++) {
                if (entries.word(w) != 0) {
                  putWord(offset + (long) w * Mask.WORD, entries.word(w), value);
                }
              }
            });
  }

  /**
   * Counts elements that are not zero.
   *
   * @param offset index of the element that is the mask's first entry
   * @param entries the affected entries: those that this mask keeps
   * @return how many of them are not zero
   */
  final long countNonZero(long offset, Mask entries) {
    return slices(entries.length())
        .mapToLong(
            s -> {
              long count = 0;
              int end = Math.min(entries.words(), (s + 1) * SLICE);
              for (int w = s * SLICE; w < end; w++) {
                if (entries.word(w) != 0) {
                  count += countNonZero(offset + (long) w * Mask.WORD, entries.word(w));
                }
              }
              return count;
            })
        .sum();
  }

  /** Slices of a work that is done in parallel if it is large. */
  static IntStream slices(int length) {
    int elements = SLICE * Mask.WORD;
    IntStream slices = IntStream.range(0, (int) (((long) length + elements - 1) / elements));
    return length > elements ? slices.parallel() : slices;
  }

  private static final class Floats extends FlatValues {
    private final FloatIndexer values;

    Floats(FloatIndexer values) {
      this.values = values;
    }

    @Override
    double get(long index) {
      return values.get(index);
    }

    @Override
    void set(long index, double value) {
      values.put(index, (float) value);
    }

    @Override
    void readBits(long offset, long[] target, int length) {
      for (int i = 0; i < length; i++) {
        target[i] = Integer.toUnsignedLong(Float.floatToRawIntBits(values.get(offset + i)));
      }
    }

    @Override
    void writeBits(long offset, long[] source, int length) {
      for (int i = 0; i < length; i++) {
        values.put(offset + i, Float.intBitsToFloat((int) source[i]));
      }
    }

    @Override
    void read(DataInputStream in, long length) throws IOException {
      for (long i = 0; i < length; i++) {
        values.put(i, in.readFloat());
      }
    }

    @Override
    boolean copySlice(long offset, double[] target, int from, int to) {
      boolean finite = true;
      for (int i = from; i < to; i++) {
        target[i] = values.get(offset + i);
        finite &= Math.abs(target[i]) <= Float.MAX_VALUE;
      }
      return finite;
    }

    @Override
    int countNonZero(long offset, long bits) {
      int count = 0;
      for (long left = bits; left != 0; left &= left - 1) {
        count += values.get(offset + Long.numberOfTrailingZeros(left)) == 0.0 ? 0 : 1;
      }
      return count;
    }

    @Override
    void putWord(long offset, long bits, double value) {
      for (long left = bits; left != 0; left &= left - 1) {
        values.put(offset + Long.numberOfTrailingZeros(left), (float) value);
      }
    }
  }

  private static final class Doubles extends FlatValues {
    private final DoubleIndexer values;

    Doubles(DoubleIndexer values) {
      this.values = values;
    }

    @Override
    double get(long index) {
      return values.get(index);
    }

    @Override
    void set(long index, double value) {
      values.put(index, value);
    }

    @Override
    void readBits(long offset, long[] target, int length) {
      for (int i = 0; i < length; i++) {
        target[i] = Double.doubleToRawLongBits(values.get(offset + i));
      }
    }

    @Override
    void writeBits(long offset, long[] source, int length) {
      for (int i = 0; i < length; i++) {
        values.put(offset + i, Double.longBitsToDouble(source[i]));
      }
    }

    @Override
    void read(DataInputStream in, long length) throws IOException {
      for (long i = 0; i < length; i++) {
        values.put(i, in.readDouble());
      }
    }

    @Override
    boolean copySlice(long offset, double[] target, int from, int to) {
      boolean finite = true;
      for (int i = from; i < to; i++) {
        target[i] = values.get(offset + i);
        finite &= Math.abs(target[i]) <= Double.MAX_VALUE;
      }
      return finite;
    }

    @Override
    int countNonZero(long offset, long bits) {
      int count = 0;
      for (long left = bits; left != 0; left &= left - 1) {
        count += values.get(offset + Long.numberOfTrailingZeros(left)) == 0.0 ? 0 : 1;
      }
      return count;
    }

    @Override
    void putWord(long offset, long bits, double value) {
      for (long left = bits; left != 0; left &= left - 1) {
        values.put(offset + Long.numberOfTrailingZeros(left), value);
      }
    }
  }

  private static final class Halves extends FlatValues {
    private final HalfIndexer values;

    /** The same elements as raw bits, since a conversion to float does not preserve every NaN. */
    private final ShortIndexer raw;

    Halves(HalfIndexer values) {
      this.values = values;
      this.raw = ShortIndexer.create((ShortPointer) values.pointer());
    }

    @Override
    double get(long index) {
      return values.get(index);
    }

    @Override
    void set(long index, double value) {
      values.put(index, (float) value);
    }

    @Override
    void readBits(long offset, long[] target, int length) {
      for (int i = 0; i < length; i++) {
        target[i] = Short.toUnsignedLong(raw.get(offset + i));
      }
    }

    @Override
    void writeBits(long offset, long[] source, int length) {
      for (int i = 0; i < length; i++) {
        raw.put(offset + i, (short) source[i]);
      }
    }

    @Override
    void read(DataInputStream in, long length) throws IOException {
      for (long i = 0; i < length; i++) {
        values.put(i, HalfIndexer.toFloat(in.readShort()));
      }
    }

    @Override
    boolean copySlice(long offset, double[] target, int from, int to) {
      boolean finite = true;
      for (int i = from; i < to; i++) {
        target[i] = values.get(offset + i);
        finite &= Math.abs(target[i]) <= Float.MAX_VALUE;
      }
      return finite;
    }

    @Override
    int countNonZero(long offset, long bits) {
      int count = 0;
      for (long left = bits; left != 0; left &= left - 1) {
        count += values.get(offset + Long.numberOfTrailingZeros(left)) == 0.0 ? 0 : 1;
      }
      return count;
    }

    @Override
    void putWord(long offset, long bits, double value) {
      for (long left = bits; left != 0; left &= left - 1) {
        values.put(offset + Long.numberOfTrailingZeros(left), (float) value);
      }
    }
  }
}
