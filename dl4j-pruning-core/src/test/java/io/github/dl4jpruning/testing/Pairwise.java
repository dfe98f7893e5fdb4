package io.github.dl4jpruning.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Few rows that have every value of each factor together with every value of each other factor.
 * Most faults that need a combination need two values (D. R. Kuhn et al., "Software Fault
 * Interactions and Implications for Software Testing", 2004).
 */
public final class Pairwise {

  private static final int CANDIDATES = 30;

  private Pairwise() {}

  private record Pair(int factor, int value, int other, int otherValue) {}

  /**
   * Makes the rows, the same ones each time.
   *
   * @param sizes how many values each factor has
   * @return rows of one value, from 0, for each factor; in the long form the full product
   */
  public static List<int[]> rows(int... sizes) {
    return LongForm.isOn() ? product(sizes) : pairs(sizes);
  }

  private static List<int[]> product(int[] sizes) {
    List<int[]> rows = new ArrayList<>(List.of(new int[sizes.length]));
    for (int f = 0; f < sizes.length; f++) {
      List<int[]> more = new ArrayList<>();
      for (int[] row : rows) {
        for (int value = 0; value < sizes[f]; value++) {
          int[] next = row.clone();
          next[f] = value;
          more.add(next);
        }
      }
      rows = more;
    }
    return rows;
  }

  static List<int[]> pairs(int... sizes) {
    Set<Pair> open = new HashSet<>();
    for (int f = 0; f < sizes.length; f++) {
      for (int g = f + 1; g < sizes.length; g++) {
        for (int v = 0; v < sizes[f]; v++) {
          for (int w = 0; w < sizes[g]; w++) {
            open.add(new Pair(f, v, g, w));
          }
        }
      }
    }
    Random random = new Random(1);
    List<int[]> rows = new ArrayList<>();
    while (!open.isEmpty()) {
      int[] best = null;
      int most = -1;
      for (int c = 0; c < CANDIDATES; c++) {
        int[] row = candidate(sizes, open, random);
        int covered = covered(row, open).size();
        if (covered > most) {
          most = covered;
          best = row;
        }
      }
      open.removeAll(covered(best, open));
      rows.add(best);
    }
    return rows;
  }

  /** A row that covers the first open pair; each other factor takes its best value. */
  private static int[] candidate(int[] sizes, Set<Pair> open, Random random) {
    int[] row = new int[sizes.length];
    Arrays.fill(row, -1);
    Pair first = open.stream().skip(random.nextInt(open.size())).findFirst().orElseThrow();
    row[first.factor()] = first.value();
    row[first.other()] = first.otherValue();
    for (int f = 0; f < sizes.length; f++) {
      if (row[f] < 0) {
        row[f] = bestValue(row, f, sizes[f], open);
      }
    }
    return row;
  }

  private static int bestValue(int[] row, int factor, int size, Set<Pair> open) {
    int best = 0;
    int most = -1;
    for (int value = 0; value < size; value++) {
      row[factor] = value;
      int covered = covered(row, open).size();
      if (covered > most) {
        most = covered;
        best = value;
      }
    }
    return best;
  }

  private static List<Pair> covered(int[] row, Set<Pair> open) {
    List<Pair> pairs = new ArrayList<>();
    for (int f = 0; f < row.length; f++) {
      for (int g = f + 1; g < row.length; g++) {
        Pair pair = new Pair(f, row[f], g, row[g]);
        if (row[f] >= 0 && row[g] >= 0 && open.contains(pair)) {
          pairs.add(pair);
        }
      }
    }
    return pairs;
  }
}
