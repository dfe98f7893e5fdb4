package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Successive halving: after some epochs all settings are ranked, the best ones continue, and the
 * others stop. This class only decides; it trains nothing.
 *
 * <p>Settings compete only with settings of the same final sparsity. A network at 90% scores better
 * than one at 98%, so a ranking across both would destroy the Pareto front. As a result, at least
 * one setting of each final sparsity is trained to the end.
 *
 * <p>Source: K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", AISTATS 2016 (arXiv 1502.07943).
 *
 * @param eta of n settings ⌈n/eta⌉ continue; the epochs up to a rung grow by this factor
 * @param firstEpochs the number of epochs up to the first rung
 */
record SweepHalving(int eta, int firstEpochs) {

  /**
   * The properties that competing settings have in common.
   *
   * @param sparsity the peak of the schedule; NaN if it is not known
   * @param own the distribution, if it has a target of its own, such as a budget
   */
  private record Target(double sparsity, Optional<SparsityDistribution> own) {
    static Target of(Setting setting) {
      ISchedule schedule = setting.pruning().timing().schedule();
      SparsityDistribution distribution = setting.pruning().distribution();
      return new Target(
          schedule instanceof SparsitySchedule known ? known.peak() : Double.NaN,
          distribution.needsProgress() ? Optional.of(distribution) : Optional.empty());
    }
  }

  /** Returns the epochs after which settings are ranked, for runs of the given length. */
  List<Integer> rungs(int epochs) {
    List<Integer> rungs = new ArrayList<>();
    for (long rung = firstEpochs; rung < epochs; rung *= eta) {
      rungs.add((int) rung);
    }
    return rungs;
  }

  private int kept(int count) {
    return (count - 1) / eta + 1;
  }

  private static <T> List<List<T>> groups(List<T> runs, Function<T, Setting> setting) {
    Map<Target, List<T>> groups = new LinkedHashMap<>();
    runs.forEach(
        run ->
            groups
                .computeIfAbsent(Target.of(setting.apply(run)), target -> new ArrayList<>())
                .add(run));
    return List.copyOf(groups.values());
  }

  /** Returns whether any two settings compete, so that a rung can stop one of them. */
  static boolean compete(List<Setting> settings) {
    return groups(settings, setting -> setting).stream().anyMatch(group -> group.size() > 1);
  }

  /**
   * Returns the runs that continue.
   *
   * @param runs runs at a rung
   * @param setting gives the setting of a run
   * @param rank gives the rank of a run, where less is better; NaN is the worst
   * @return the best runs of each target; of equal runs the first
   */
  <T> List<T> goOn(List<T> runs, Function<T, Setting> setting, ToDoubleFunction<T> rank) {
    List<T> best = new ArrayList<>();
    for (List<T> group : groups(runs, setting)) {
      // This order puts NaN above all numbers, and the sort is stable.
      List<T> ranked = group.stream().sorted(Comparator.comparingDouble(rank)).toList();
      best.addAll(ranked.subList(0, kept(ranked.size())));
    }
    return runs.stream().filter(best::contains).toList();
  }

  /** Returns the total number of epochs of all settings, if none diverges. */
  int plannedEpochs(List<Setting> settings, int epochs) {
    int planned = 0;
    for (List<Setting> group : groups(settings, setting -> setting)) {
      int alive = group.size();
      int from = 0;
      for (int rung : rungs(epochs)) {
        planned += alive * (rung - from);
        alive = kept(alive);
        from = rung;
      }
      planned += alive * (epochs - from);
    }
    return planned;
  }
}
