package io.github.dl4jpruning.model;

import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The elements of a contiguous array by flat index, whatever its type, without an INDArray call per
 * element.
 *
 * <p>The indexer of a view starts at the view, so index 0 is always the first element of the array
 * given.
 */
abstract sealed class FlatValues {

  /** Elements in one unit of parallel copying. */
  private static final int SLICE = 1 << 18;

  /**
   * Opens an array.
   *
   * @throws IllegalArgumentException if its type is none of FLOAT, DOUBLE and HALF
   */
  static FlatValues of(INDArray array) {
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

  abstract void put(long index, double value);

  abstract void copy(long from, double[] target, int targetFrom, int targetTo);

  /** Copies elements from {@code from} on until the target is full. */
  final void copy(long from, double[] target) {
    int slices = (target.length + SLICE - 1) / SLICE;
    IntStream all = IntStream.range(0, slices);
    (slices > 1 ? all.parallel() : all)
        .forEach(
            s -> copy(from, target, s * SLICE, (int) Math.min(target.length, (s + 1L) * SLICE)));
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
    void put(long index, double value) {
      values.put(index, (float) value);
    }

    @Override
    void copy(long from, double[] target, int targetFrom, int targetTo) {
      for (int i = targetFrom; i < targetTo; i++) {
        target[i] = values.get(from + i);
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
    void put(long index, double value) {
      values.put(index, value);
    }

    @Override
    void copy(long from, double[] target, int targetFrom, int targetTo) {
      for (int i = targetFrom; i < targetTo; i++) {
        target[i] = values.get(from + i);
      }
    }
  }

  private static final class Halves extends FlatValues {
    private final HalfIndexer values;

    Halves(HalfIndexer values) {
      this.values = values;
    }

    @Override
    double get(long index) {
      return values.get(index);
    }

    @Override
    void put(long index, double value) {
      values.put(index, (float) value);
    }

    @Override
    void copy(long from, double[] target, int targetFrom, int targetTo) {
      for (int i = targetFrom; i < targetTo; i++) {
        target[i] = values.get(from + i);
      }
    }
  }
}
