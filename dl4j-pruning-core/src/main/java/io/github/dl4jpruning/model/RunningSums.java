package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;

/** Sums that follow a network from iteration to iteration, each in one pass over its arrays. */
final class RunningSums {

  private RunningSums() {}

  /** Does a part of the work. */
  @FunctionalInterface
  private interface Chunk {
    void of(int from, int length, double[] space, double[] more);
  }

  private static void inChunks(int length, Chunk chunk) {
    FlatValues.slices(length)
        .forEach(
            s -> {
              double[] space = new double[FlatValues.CHUNK];
              double[] more = new double[FlatValues.CHUNK];
              int slice = FlatValues.SLICE * Mask.WORD;
              int end = (int) Math.min(length, (s + 1L) * slice);
              for (int from = s * slice; from < end; from += FlatValues.CHUNK) {
                chunk.of(from, Math.min(FlatValues.CHUNK, end - from), space, more);
              }
            });
  }

  /**
   * Subtracts the products of the elements of two arrays: {@code sums[i] −= a[offset + i] ·
   * b[offset + i]}.
   */
  static void subtractProducts(FlatValues a, FlatValues b, long offset, double[] sums) {
    inChunks(
        sums.length,
        (from, n, ofA, ofB) -> {
          a.copySlice(offset + from, ofA, 0, n);
          b.copySlice(offset + from, ofB, 0, n);
          for (int i = 0; i < n; i++) {
            sums[from + i] -= ofA[i] * ofB[i];
          }
        });
  }

  /** Blends in squares: {@code means[i] = decay · means[i] + part · v[offset + i]²}. */
  static void blendSquares(FlatValues v, long offset, double[] means, double decay, double part) {
    inChunks(
        means.length,
        (from, n, values, unused) -> {
          v.copySlice(offset + from, values, 0, n);
          for (int i = 0; i < n; i++) {
            means[from + i] = decay * means[from + i] + part * values[i] * values[i];
          }
        });
  }
}
