package io.github.dl4jpruning.score;

import java.util.Arrays;

/**
 * Random scores. See {@link ImportanceCriterion#random}.
 *
 * @param seed the seed of the scores
 */
public record RandomCriterion(long seed) implements ImportanceCriterion {

  @Override
  public double[] score(WeightTensor tensor) {
    return uniform(seed, tensor.name(), 0, tensor.parameter().length());
  }

  /**
   * Returns pseudo-random numbers that depend only on the arguments.
   *
   * @param seed a seed
   * @param name name of a parameter
   * @param round number of the draw
   * @param length the count of numbers
   * @return numbers in [0, 1) with 53 random bits
   */
  public static double[] uniform(long seed, String name, long round, int length) {
    long start = mix(mix(seed) ^ mix(round + 0x632BE59BD9B4E019L));
    for (int i = 0; i < name.length(); i++) {
      start = mix(start ^ name.charAt(i));
    }
    long base = start;
    double[] result = new double[length];
    Arrays.parallelSetAll(
        result, i -> (mix(base + (i + 1L) * 0x9E3779B97F4A7C15L) >>> 11) * 0x1p-53);
    return result;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public String toString() {
    return "random(" + seed + ")";
  }
}
