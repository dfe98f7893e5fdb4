package io.github.dl4jpruning;

import io.github.dl4jpruning.MaskPlanner.Tensor;
import io.github.dl4jpruning.allocate.Contender;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.CoupledChannelPattern;
import io.github.dl4jpruning.mask.LowestScores;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.mask.UnitSizes;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.CoupledChannels;
import io.github.dl4jpruning.shrink.CoupledChannels.ChannelSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leads sets of coupled channels through the rooms: score, allocate, mask. A set stands where a
 * tensor stands otherwise, and a channel where a weight does.
 */
final class CoupledPlanner implements PruningRun.Planner {

  private final PruningConfig config;
  private final CoupledChannelPattern pattern;
  private final CoupledChannels channels;
  private final List<ChannelSet> sets;

  /**
   * A planner for a network.
   *
   * @throws IllegalArgumentException as the constructor
   */
  static CoupledPlanner of(
      PruningConfig config, NetworkParameters network, CoupledChannels channels) {
    Set<String> chosen = new TreeSet<>();
    config
        .parameters()
        .select(network.parameters(), network.layers())
        .forEach(parameter -> chosen.add(parameter.name()));
    return new CoupledPlanner(config, channels, chosen);
  }

  /**
   * A planner.
   *
   * @param chosen the names of all parameters that the filter selects: a set takes part if all that
   *     makes its channels is among them
   * @throws IllegalArgumentException if no set takes part, or one has no batch normalisation to be
   *     scored by
   */
  private CoupledPlanner(PruningConfig config, CoupledChannels channels, Set<String> chosen) {
    this.config = config;
    this.pattern = (CoupledChannelPattern) config.pattern();
    this.channels = channels;
    this.sets =
        channels.sets().stream()
            .filter(set -> set.makers().stream().allMatch(p -> chosen.contains(p.name())))
            .toList();
    if (sets.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a layer whose channels can go, but found none: the filter ("
              + config.parameters()
              + ") has to select all layers that make the same channels, and inputs and outputs of"
              + " the network keep their widths");
    }
    if (pattern.score() == ChannelPattern.Score.BATCH_NORM) {
      for (ChannelSet set : sets) {
        if (!channels.haveAllScales(set)) {
          throw new IllegalArgumentException(
              "expected a batch normalisation with a scale behind "
                  + String.join(", ", set.layers())
                  + " to score its channels by, but found none");
        }
      }
    }
  }

  private List<RemovalPool> allocate(List<Contender> contenders, Due due) {
    try {
      return config.distribution().allocate(contenders, due);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "with coupled channels, where a channel counts as one weight: " + e.getMessage(), e);
    }
  }

  @Override
  public List<Mask> plan(List<Tensor> tensors, Due due, int iteration) {
    Map<String, Tensor> byName = new HashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.parameter().name(), tensor));
    BitSet before = channels.removed(tensors.stream().map(Tensor::mask).toList());
    boolean fromScratch = config.rule().followsFalls();
    List<Contender> contenders = new ArrayList<>();
    for (ChannelSet set : sets) {
      double[] scores = scores(set, byName);
      Mask prior = fromScratch ? Mask.dense(set.size()) : stays(set, before);
      PrunableParameter first = set.makers().get(0);
      ScoredTensor units =
          new ScoredTensor(first.name(), scores, prior, prior, UnitSizes.ones(set.size()));
      contenders.add(
          new Contender(first, units, Math.min(set.least(), set.size()), deviation(scores)));
    }
    BitSet removed = new BitSet();
    for (RemovalPool pool : allocate(contenders, due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> contenders.get(t).tensor()).toList();
      List<Mask> kept = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < kept.size(); m++) {
        ChannelSet set = sets.get(pool.tensors().get(m));
        for (int i = 0; i < set.size(); i++) {
          removed.set(set.groups()[i], !kept.get(m).isKept(i));
        }
      }
    }
    List<Mask> masks = channels.masks(removed);
    if (fromScratch) {
      return masks;
    }
    List<Mask> next = new ArrayList<>();
    for (int p = 0; p < masks.size(); p++) {
      next.add(masks.get(p).and(tensors.get(p).mask())); // zeros of a loaded network stay
    }
    return next;
  }

  private static Mask stays(ChannelSet set, BitSet removed) {
    boolean[] stays = new boolean[set.size()];
    for (int i = 0; i < stays.length; i++) {
      stays[i] = !removed.get(set.groups()[i]);
    }
    return Mask.of(stays);
  }

  private double[] scores(ChannelSet set, Map<String, Tensor> tensors) {
    boolean byScale = pattern.score() == ChannelPattern.Score.BATCH_NORM;
    Map<String, double[]> own = new HashMap<>();
    for (PrunableParameter parameter : byScale ? set.scales() : set.makers()) {
      Tensor tensor = tensors.get(parameter.name());
      own.put(
          parameter.name(),
          byScale
              ? Arrays.stream(tensor.weights().weights()).map(Math::abs).toArray()
              : pattern.unitScores(parameter.layout(), MaskPlanner.scores(config, tensor)));
    }
    double[] scores = channels.pooled(set, own);
    double mean = Arrays.stream(scores).map(Math::abs).average().orElse(0.0);
    return pattern.normalised() && mean > 0.0
        ? Arrays.stream(scores).map(score -> score / mean).toArray()
        : scores;
  }

  private static double deviation(double[] scores) {
    double mean = Arrays.stream(scores).average().orElse(0.0);
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    return Math.sqrt(squares / scores.length);
  }

  /** All channels that take part. */
  int channels() {
    return sets.stream().mapToInt(ChannelSet::size).sum();
  }

  /** Those that may go, since each layer keeps some. */
  private int removable() {
    return sets.stream().mapToInt(set -> set.size() - Math.min(set.least(), set.size())).sum();
  }

  @Override
  public double sparsity(List<Mask> masks) {
    BitSet removed = channels.removed(masks);
    long all = 0;
    long gone = 0;
    for (ChannelSet set : sets) {
      all += set.size();
      gone += Arrays.stream(set.groups()).filter(removed::get).count();
    }
    return (double) gone / all;
  }

  /**
   * The masks of the channels that take part of which nothing is left, and of nothing else. Of a
   * set that would lose all, the first ones stay.
   */
  List<Mask> whole(List<Mask> zeros) {
    BitSet empty = channels.removed(zeros);
    BitSet removed = new BitSet();
    for (ChannelSet set : sets) {
      int left = (int) Arrays.stream(set.groups()).filter(group -> !empty.get(group)).count();
      for (int group : set.groups()) {
        if (empty.get(group) && left < set.least()) {
          left++;
        } else if (empty.get(group)) {
          removed.set(group);
        }
      }
    }
    return channels.masks(removed);
  }

  /** The most channels that can go, so far as the distribution lets them. */
  int most(List<Tensor> tensors) {
    int low = 0;
    int high = removable();
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (accepts(tensors, middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private boolean accepts(List<Tensor> tensors, int removed) {
    try {
      plan(tensors, new Due((double) removed / channels(), 1.0), 0);
      return true;
    } catch (IllegalArgumentException e) { // a floor is in the way
      return false;
    }
  }
}
