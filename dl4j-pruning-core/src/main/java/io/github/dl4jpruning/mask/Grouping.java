package io.github.dl4jpruning.mask;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayout.Axis;
import io.github.dl4jpruning.select.KernelLayout.Part;
import io.github.dl4jpruning.select.KernelLayout.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Assigns each weight of a tensor to a unit. The unit of a weight is a sum with one term for each
 * axis. Therefore the tensor can be traversed in memory order, one run along its fastest axis at a
 * time, without a division per weight.
 */
final class Grouping {

  /** The terms of one part: {@code terms[a][i]} for index i along axis a. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Terms(int firstUnit, int[][] terms) {}

  private final List<Terms> parts;
  private final int count;
  private final int length;

  private Grouping(List<Terms> parts, int count, int length) {
    this.parts = parts;
    this.count = count;
    this.length = length;
  }

  /**
   * Groups by blocks over the fastest output axis and the fastest input axis; other axes are
   * positions.
   */
  static Grouping blocks(KernelLayout layout, int rows, int columns) {
    List<Terms> parts = new ArrayList<>();
    int units = 0;
    for (Part part : layout.parts()) {
      List<Axis> axes = part.axes();
      int row = last(axes, Role.OUTPUT);
      int column = last(axes, Role.INPUT);
      int blockColumns = column < 0 ? 1 : (axes.get(column).size() - 1) / columns + 1;
      int blockRows = row < 0 ? 1 : (axes.get(row).size() - 1) / rows + 1;
      int step = blockRows * blockColumns;
      int[][] terms = new int[axes.size()][];
      for (int a = axes.size() - 1; a >= 0; a--) {
        int size = axes.get(a).size();
        if (a == row) {
          terms[a] = terms(size, rows, blockColumns);
        } else if (a == column) {
          terms[a] = terms(size, columns, 1);
        } else {
          terms[a] = terms(size, 1, step);
          step *= size;
        }
      }
      parts.add(new Terms(units, terms));
      units += step;
    }
    return new Grouping(parts, units, layout.length());
  }

  /** Groups by channel, over all parts. */
  static Grouping channels(KernelLayout layout, ChannelPattern.Axis channels) {
    Role own = channels == ChannelPattern.Axis.OUTPUT ? Role.OUTPUT : Role.INPUT;
    List<Terms> parts = new ArrayList<>();
    for (Part part : layout.parts()) {
      List<Axis> axes = part.axes();
      int step = 1;
      int[][] terms = new int[axes.size()][];
      for (int a = axes.size() - 1; a >= 0; a--) {
        Axis axis = axes.get(a);
        boolean tells = axis.role() == own || axis.role() == Role.CHANNEL;
        terms[a] = terms(axis.size(), 1, tells ? step : 0);
        step *= tells ? axis.size() : 1;
      }
      parts.add(new Terms(0, terms));
    }
    int count = own == Role.OUTPUT ? layout.outputs() : layout.inputs();
    return new Grouping(parts, count, layout.length());
  }

  private static int last(List<Axis> axes, Role role) {
    int found = -1;
    for (int a = 0; a < axes.size(); a++) {
      found = axes.get(a).role() == role ? a : found;
    }
    return found;
  }

  private static int[] terms(int size, int perGroup, int step) {
    int[] terms = new int[size];
    Arrays.setAll(terms, i -> i / perGroup * step);
    return terms;
  }

  /** Returns the number of units. */
  int count() {
    return count;
  }

  /**
   * Returns the units of a tensor with given unit scores. A unit is kept if any of its weights is
   * kept.
   */
  ScoredTensor units(TensorScores tensor, double[] unitScores) {
    long[] words = new long[Mask.wordsFor(count)];
    int[] sizes = new int[count];
    Mask prior = tensor.prior();
    forEachRun(
        (flat, base, inner) -> {
          for (int i = 0; i < inner.length; i++) {
            int unit = base + inner[i];
            int index = flat + i;
            sizes[unit]++;
            words[unit >> 6] |= (prior.word(index >> 6) >>> index & 1L) << unit;
          }
        });
    Mask kept = new Mask(count, words);
    return new ScoredTensor(tensor.name(), unitScores, kept, kept, UnitSizes.of(sizes));
  }

  double[] means(double[] scores) {
    double[] sums = new double[count];
    int[] sizes = new int[count];
    forEachRun(
        (flat, base, inner) -> {
          for (int i = 0; i < inner.length; i++) {
            sums[base + inner[i]] += scores[flat + i];
            sizes[base + inner[i]]++;
          }
        });
    Arrays.setAll(sums, unit -> sums[unit] / sizes[unit]);
    return sums;
  }

  double[] rootMeanSquares(double[] scores) {
    double[] sums = new double[count];
    int[] sizes = new int[count];
    forEachRun(
        (flat, base, inner) -> {
          for (int i = 0; i < inner.length; i++) {
            sums[base + inner[i]] += scores[flat + i] * Math.abs(scores[flat + i]);
            sizes[base + inner[i]]++;
          }
        });
    Arrays.setAll(
        sums, unit -> Math.copySign(Math.sqrt(Math.abs(sums[unit]) / sizes[unit]), sums[unit]));
    return sums;
  }

  double[] maxima(double[] scores) {
    double[] maxima = new double[count];
    Arrays.fill(maxima, Double.NEGATIVE_INFINITY);
    forEachRun(
        (flat, base, inner) -> {
          for (int i = 0; i < inner.length; i++) {
            maxima[base + inner[i]] = Math.max(maxima[base + inner[i]], scores[flat + i]);
          }
        });
    return maxima;
  }

  /** Returns a mask over weights: a weight is kept if its unit is kept. */
  Mask weights(Mask units) {
    long[] words = new long[Mask.wordsFor(length)];
    forEachRun(
        (flat, base, inner) -> {
          for (int i = 0; i < inner.length; i++) {
            int unit = base + inner[i];
            words[(flat + i) >> 6] |= (units.word(unit >> 6) >>> unit & 1L) << (flat + i);
          }
        });
    return new Mask(length, words);
  }

  /** Processes a run of weights: the unit of weight {@code flat + i} is {@code base + inner[i]}. */
  private interface Run {
    void accept(int flat, int base, int[] inner);
  }

  private void forEachRun(Run run) {
    int flat = 0;
    for (Terms part : parts) {
      int[][] terms = part.terms();
      int outer = Math.max(0, terms.length - 1);
      int[] inner = terms.length == 0 ? new int[1] : terms[outer];
      int[] index = new int[outer];
      int axis;
      do {
        int base = part.firstUnit();
        for (int a = 0; a < outer; a++) {
          base += terms[a][index[a]];
        }
        run.accept(flat, base, inner);
        flat += inner.length;
        for (axis = outer - 1; axis >= 0 && ++index[axis] == terms[axis].length; axis--) {
          index[axis] = 0;
        }
      } while (axis >= 0);
    }
  }
}
