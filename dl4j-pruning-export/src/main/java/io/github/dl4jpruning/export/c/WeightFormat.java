package io.github.dl4jpruning.export.c;

/**
 * How the weights of a matrix are stored in C. Shared values follow S. Han et al., "Deep
 * Compression", 2016 (arXiv 1510.00149).
 */
public enum WeightFormat {
  /** Each weight as a float of four bytes: exact. */
  FLOAT,

  /** Each weight as a whole number of one byte, with a scale for each output: w ≈ s·q. */
  EIGHT_BIT,

  /**
   * Each weight as a code of 4 bits for one of 16 values of its matrix. Exact for networks that
   * were trained so ({@code SharedWeights} with 4 bits).
   */
  SHARED_16,

  /** Each weight as a code of one byte for one of 256 values of its matrix. */
  SHARED_256
}
