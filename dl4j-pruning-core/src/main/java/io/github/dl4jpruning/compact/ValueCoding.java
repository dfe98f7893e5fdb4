package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.codec.Clusters;
import io.github.dl4jpruning.codec.HalfPrecision;

/** The precision of the values of a tensor in a file. */
public sealed interface ValueCoding {

  /** Bit for bit. */
  record Exact() implements ValueCoding {
    @Override
    public String toString() {
      return "exact";
    }
  }

  /** Rounded to {@link HalfPrecision}: 16 bits for each value. */
  record Half() implements ValueCoding {
    @Override
    public String toString() {
      return "half precision";
    }
  }

  /**
   * Each value becomes one of a few ({@link Clusters}); zeros stay zeros.
   *
   * @param bits bits per code, for 2^bits values; 1 to {@link Clusters#MOST_BITS}
   */
  record Shared(int bits) implements ValueCoding {
    /** Checks the number of bits. */
    public Shared {
      if (bits < 1 || bits > Clusters.MOST_BITS) {
        throw new IllegalArgumentException(
            "bits must be between 1 and " + Clusters.MOST_BITS + ", but are " + bits);
      }
    }

    @Override
    public String toString() {
      return bits + " bits shared";
    }
  }

  /**
   * Bit for bit, including the payload of a NaN.
   *
   * @return the coding
   */
  static ValueCoding exact() {
    return new Exact();
  }

  /**
   * Rounded to 16 bits. A tensor with a value that is too large, above 65,504, is kept exact.
   *
   * @return the coding
   */
  static ValueCoding half() {
    return new Half();
  }

  /**
   * Rounded to the nearest of 2^bits values, chosen for each tensor by k-means.
   *
   * @param bits 1 to 8
   * @return the coding
   * @throws IllegalArgumentException if bits are out of range
   */
  static ValueCoding shared(int bits) {
    return new Shared(bits);
  }
}
