package io.github.dl4jpruning.mask;

import static io.github.dl4jpruning.mask.PatternFixtures.prune;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.ChannelPattern.Axis;
import io.github.dl4jpruning.mask.ChannelPattern.Score;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayoutTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Channels, groups and blocks are the same in every layout of a kernel, compared with a naive
 * indexing of the tensor.
 */
class SparsityPatternLayoutsTest {

  /** What a weight is, found by indexing the tensor and not by walking its memory. */
  private record Place(int output, int input, String row, int column, String block) {}

  @SuppressWarnings("ArrayRecordComponent") // a row of a table of cases
  record Case(String meaning, char order, long... shape) {
    KernelLayout layout() {
      return KernelLayoutTest.layout(meaning, order, shape);
    }

    /** The naive way: decode every flat index with divisions. */
    Map<Integer, Place> places() {
      Map<Integer, Place> places = new TreeMap<>();
      if (meaning.equals("iG")) {
        int n = (int) shape[0];
        for (int flat = 0; flat < n * (4 * n + 3); flat++) {
          int column = flat / n;
          int row = flat % n;
          places.put(
              flat,
              column < 4 * n
                  ? new Place(
                      column % n, row, "c" + column, row, "g" + column / n + ":" + column % n / 2)
                  : new Place(row, row, "p" + flat, 0, "p" + flat));
        }
        return places;
      }
      int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      for (int flat = 0; flat < length; flat++) {
        long[] index = new long[shape.length];
        long rest = flat;
        for (int i = 0; i < shape.length; i++) {
          int axis = order == 'f' ? i : shape.length - 1 - i;
          index[axis] = rest % shape[axis];
          rest /= shape[axis];
        }
        int output = 0;
        int input = 0;
        int column = 0;
        StringBuilder row = new StringBuilder();
        StringBuilder block = new StringBuilder();
        int lastInput = meaning.lastIndexOf('i');
        int lastOutput = Math.max(meaning.lastIndexOf('o'), meaning.lastIndexOf('g'));
        for (int a = 0; a < shape.length; a++) {
          char role = meaning.charAt(a);
          int i = (int) index[a];
          if (role == 'o' || role == 'c') {
            output = output * (int) shape[a] + i;
          }
          if (role == 'i' || role == 'c') {
            input = input * (int) shape[a] + i;
          }
          if (role == 'g') {
            output = i % (int) (shape[a] / 4);
          }
          if (a == lastInput) {
            column = i;
            block.append('i').append(i / 3).append(',');
          } else if (a == lastOutput) {
            int unit = role == 'g' ? i % (int) (shape[a] / 4) : i;
            int gate = role == 'g' ? i / (int) (shape[a] / 4) : 0;
            row.append(i).append(',');
            block.append('g').append(gate).append('o').append(unit / 2).append(',');
          } else {
            row.append(i).append(',');
            block.append(i).append(',');
          }
        }
        places.put(flat, new Place(output, input, row.toString(), column, block.toString()));
      }
      return places;
    }

    @Override
    public String toString() {
      return meaning + Arrays.toString(shape);
    }
  }

  static List<Case> layouts() {
    return List.of(
        new Case("io", 'f', 10, 6),
        new Case("oipp", 'c', 6, 7, 3, 2),
        new Case("oippp", 'c', 3, 4, 2, 2, 2),
        new Case("iopp", 'c', 5, 4, 2, 3),
        new Case("pppoi", 'c', 2, 1, 2, 5, 6),
        new Case("ppco", 'c', 3, 2, 4, 3),
        new Case("ocpp", 'c', 3, 4, 2, 2),
        new Case("ig", 'f', 7, 20),
        new Case("iG", 'f', 5, 23),
        new Case("pio", 'c', 4, 6, 5),
        new Case("ooi", 'c', 2, 3, 8),
        new Case("pioip", 'c', 1, 3, 4, 5, 1),
        new Case("ppio", 'c', 2, 2, 3, 6),
        new Case("io", 'f', 1, 6),
        new Case("io", 'f', 6, 1));
  }

  private static double[] distinctScores(int length) {
    return new Random(length).doubles(length).toArray();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void channelsGoWholeWhateverTheLayout(Case tensor) {
    KernelLayout layout = tensor.layout();
    double[] scores = distinctScores(layout.length());
    for (Axis axis : Axis.values()) {
      for (Score score : List.of(Score.L1, Score.L2)) {
        Map<Integer, List<Integer>> channels = new HashMap<>();
        tensor
            .places()
            .forEach(
                (flat, place) ->
                    channels
                        .computeIfAbsent(
                            axis == Axis.OUTPUT ? place.output() : place.input(),
                            c -> new ArrayList<>())
                        .add(flat));
        SparsityPattern pattern = SparsityPattern.channel(axis, score);
        Mask mask = prune(pattern, layout, .5, scores);
        long due = SparsityDistribution.removed(channels.size(), .5, 1);
        Map<Integer, Double> means = new HashMap<>();
        int gone = 0;
        for (Map.Entry<Integer, List<Integer>> channel : channels.entrySet()) {
          long kept = channel.getValue().stream().filter(mask::isKept).count();
          assertThat(kept).isIn(0L, (long) channel.getValue().size());
          gone += kept == 0 ? 1 : 0;
          means.put(
              channel.getKey(),
              channel.getValue().stream()
                  .mapToDouble(i -> score == Score.L1 ? scores[i] : scores[i] * scores[i])
                  .average()
                  .orElseThrow());
        }
        assertThat(gone).as("%s", pattern).isEqualTo((int) due);
        double[] sorted = means.values().stream().mapToDouble(m -> m).sorted().toArray();
        channels.forEach(
            (channel, entries) ->
                assertThat(mask.isKept(entries.get(0)))
                    .isEqualTo(means.get(channel) >= sorted[(int) due]));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void groupsOfNOfMRunAlongTheInputAxisWhateverTheLayout(Case tensor) {
    KernelLayout layout = tensor.layout();
    double[] scores = distinctScores(layout.length());
    Map<String, List<Integer>> groups = new HashMap<>();
    boolean hasInput = tensor.meaning().contains("i");
    tensor
        .places()
        .forEach(
            (flat, place) ->
                groups
                    .computeIfAbsent(
                        place.row()
                            + "/"
                            + (hasInput ? place.column() / 4 : 0)
                            + (hasInput ? "" : "/" + flat),
                        g -> new ArrayList<>())
                    .add(flat));
    int most = groups.values().stream().mapToInt(g -> Math.max(0, g.size() - 2)).sum();
    Mask dense = Mask.dense(scores.length);

    Mask mask = prune(SparsityPattern.keep(2).of(4), layout, scores, dense, most);

    for (List<Integer> group : groups.values()) {
      List<Integer> best =
          group.stream().sorted((a, b) -> Double.compare(scores[b], scores[a])).limit(2).toList();
      for (int entry : group) {
        assertThat(mask.isKept(entry)).isEqualTo(best.contains(entry));
      }
    }
    assertThatThrownBy(
            () -> prune(SparsityPattern.keep(2).of(4), layout, scores, dense, most + 1.0))
        .hasMessageContaining("at most " + most);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void blocksCoverEveryLayout(Case tensor) {
    KernelLayout layout = tensor.layout();
    double[] scores = distinctScores(layout.length());
    Map<String, List<Integer>> blocks = new HashMap<>();
    tensor
        .places()
        .forEach(
            (flat, place) ->
                blocks
                    .computeIfAbsent(
                        tensor.meaning().equals("iG") && !place.row().startsWith("p")
                            ? place.block() + "/" + place.column() / 3
                            : place.block(),
                        b -> new ArrayList<>())
                    .add(flat));
    for (BlockPattern.Score score : BlockPattern.Score.values()) {
      Mask mask = prune(SparsityPattern.block(2, 3, score), layout, .6, scores);
      double lowestKept = Double.POSITIVE_INFINITY;
      double highestGone = 0;
      for (List<Integer> block : blocks.values()) {
        long kept = block.stream().filter(mask::isKept).count();
        assertThat(kept).as("%s", block).isIn(0L, (long) block.size());
        double own =
            score == BlockPattern.Score.MEAN
                ? block.stream().mapToDouble(i -> scores[i]).average().orElseThrow()
                : block.stream().mapToDouble(i -> scores[i]).max().orElseThrow();
        if (kept > 0) {
          lowestKept = Math.min(lowestKept, own);
        } else {
          highestGone = Math.max(highestGone, own);
        }
      }
      assertThat(highestGone).isLessThanOrEqualTo(lowestKept);
      int largest = blocks.values().stream().mapToInt(List::size).max().orElseThrow();
      assertThat(Math.abs(mask.removed() - .6 * scores.length)).isLessThanOrEqualTo(largest / 2.0);
    }
  }
}
