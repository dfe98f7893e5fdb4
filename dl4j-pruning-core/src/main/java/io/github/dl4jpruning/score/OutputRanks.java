package io.github.dl4jpruning.score;

import io.github.dl4jpruning.select.KernelLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranks within the weights of one output, so that outputs of any scale compare. */
final class OutputRanks {

  private OutputRanks() {}

  /**
   * Returns the rank of each score among those of the same output.
   *
   * @param layout tells the output of each element
   * @param scores by flat index
   * @return ranks in (0, 1), (k + ½)/n for the k-th lowest of n, counted from 0; of equal scores
   *     the later one is lower
   */
  static double[] of(KernelLayout layout, double[] scores) {
    int[] ends = new int[layout.outputs() + 1];
    layout.forEach((flat, output, input) -> ends[output + 1]++);
    Arrays.parallelPrefix(ends, Integer::sum);
    int[] byOutput = new int[scores.length];
    int[] next = ends.clone();
    layout.forEach((flat, output, input) -> byOutput[next[output]++] = flat);
    double[] ranks = new double[scores.length];
    IntStream.range(0, layout.outputs())
        .parallel()
        .forEach(output -> rank(byOutput, ends[output], ends[output + 1], scores, ranks));
    return ranks;
  }

  private static void rank(int[] byOutput, int from, int to, double[] scores, double[] ranks) {
    int[] order =
        Arrays.stream(byOutput, from, to)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(i -> scores[i])
                    .thenComparing(Comparator.reverseOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int k = 0; k < order.length; k++) {
      ranks[order[k]] = (k + 0.5) / order.length;
    }
  }
}
