package io.github.dl4jpruning.plan;

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
import io.github.dl4jpruning.select.PrunableParameter.Role;
import io.github.dl4jpruning.shrink.CoupledChannels;
import io.github.dl4jpruning.shrink.CoupledChannels.ChannelSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Plans the masks of channels that span several tensors. A set of coupled channels takes the place
 * of a tensor, and a channel that of a weight.
 */
public final class CoupledPlanner implements Planner {

  private final PruningChoices choices;
  private final CoupledChannelPattern pattern;
  private final CoupledChannels channels;
  private final List<ChannelSet> sets;

  private CoupledPlanner(PruningChoices choices, CoupledChannels channels, List<ChannelSet> sets) {
    this.choices = choices;
    this.pattern = (CoupledChannelPattern) choices.pattern();
    this.channels = channels;
    this.sets = sets;
  }

  /**
   * Makes a planner for a network.
   *
   * @param choices what is pruned; the pattern must be coupledChannels
   * @param network the network
   * @return the planner
   * @throws IllegalArgumentException if the filter selects no complete set of channels, or the
   *     pattern scores by batch normalisation and a set has none
   */
  public static CoupledPlanner of(PruningChoices choices, NetworkParameters network) {
    CoupledChannels channels = CoupledChannels.of(network.model());
    Set<String> chosen = new TreeSet<>();
    choices
        .parameters()
        .select(network.parameters(), network.layers())
        .forEach(parameter -> chosen.add(parameter.name()));
    List<ChannelSet> sets =
        channels.sets().stream()
            .filter(set -> set.makers().stream().allMatch(p -> chosen.contains(p.name())))
            .toList();
    CoupledPlanner planner = new CoupledPlanner(choices, channels, sets);
    planner.checkSets();
    return planner;
  }

  private void checkSets() {
    if (sets.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a layer whose channels can be removed, but found none: the filter ("
              + choices.parameters()
              + ") must select all layers that make the same channels, and inputs and outputs of"
              + " the network keep their widths");
    }
    if (pattern.score() == ChannelPattern.Score.BATCH_NORM) {
      for (ChannelSet set : sets) {
        if (!channels.haveAllScales(set)) {
          throw new IllegalArgumentException(
              "expected a batch normalisation with a scale after "
                  + String.join(", ", set.layers())
                  + " to score its channels by, but found none");
        }
      }
    }
  }

  @Override
  public List<PrunableParameter> selected() {
    return channels.parameters();
  }

  @Override
  public boolean mayBeZero(PrunableParameter parameter) {
    return parameter.role() != Role.WEIGHT; // a channel includes its biases
  }

  private List<RemovalPool> allocate(List<Contender> contenders, Due due) {
    try {
      return choices.distribution().allocate(contenders, due);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "with coupled channels, where a channel counts as one weight: " + e.getMessage(), e);
    }
  }

  @Override
  public List<Mask> plan(List<TensorView> tensors, Optional<Due> due, int iteration) {
    Ranking ranking = rank(tensors);
    return due.isPresent() ? plan(ranking, due.get()) : ranking.masks();
  }

  /** Channels with their scores, so that one scoring serves several sparsities. */
  public record Ranking(List<Contender> contenders, List<Mask> masks) {
    /** Copies the lists. */
    public Ranking {
      contenders = List.copyOf(contenders);
      masks = List.copyOf(masks);
    }
  }

  /**
   * Scores all channels.
   *
   * @param tensors the selected tensors, by rising offset
   * @return the scored channels of each set, and the current masks
   */
  public Ranking rank(List<TensorView> tensors) {
    Map<String, TensorView> byName = new HashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.parameter().name(), tensor));
    List<Mask> masks = tensors.stream().map(TensorView::mask).toList();
    BitSet before = channels.removed(masks);
    List<Contender> contenders = new ArrayList<>();
    for (ChannelSet set : sets) {
      double[] scores = scores(set, byName);
      Mask prior = choices.rule().followsFalls() ? Mask.dense(set.size()) : stays(set, before);
      PrunableParameter first = set.makers().get(0);
      ScoredTensor units =
          new ScoredTensor(first.name(), scores, prior, prior, UnitSizes.ones(set.size()));
      contenders.add(
          new Contender(first, units, Math.min(set.least(), set.size()), deviation(scores)));
    }
    return new Ranking(contenders, masks);
  }

  /**
   * Makes masks from scores.
   *
   * @param ranking what {@link #rank} returned
   * @param due the due sparsity, in channels
   * @return one mask for each selected tensor
   * @throws IllegalArgumentException if the sparsity cannot be distributed over the sets
   */
  public List<Mask> plan(Ranking ranking, Due due) {
    BitSet removed = new BitSet();
    for (RemovalPool pool : allocate(ranking.contenders(), due)) {
      List<ScoredTensor> members =
          pool.tensors().stream().map(t -> ranking.contenders().get(t).tensor()).toList();
      List<Mask> kept = LowestScores.remove(members, pool.removed(), pool.keep());
      for (int m = 0; m < kept.size(); m++) {
        ChannelSet set = sets.get(pool.tensors().get(m));
        for (int i = 0; i < set.size(); i++) {
          removed.set(set.groups()[i], !kept.get(m).isKept(i));
        }
      }
    }
    List<Mask> masks = channels.masks(removed);
    if (choices.rule().followsFalls()) {
      return masks;
    }
    List<Mask> next = new ArrayList<>();
    for (int p = 0; p < masks.size(); p++) {
      next.add(masks.get(p).and(ranking.masks().get(p))); // zeros of a loaded network stay
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

  private double[] scores(ChannelSet set, Map<String, TensorView> tensors) {
    boolean byScale = pattern.score() == ChannelPattern.Score.BATCH_NORM;
    Map<String, double[]> own = new HashMap<>();
    for (PrunableParameter parameter : byScale ? set.scales() : set.makers()) {
      TensorView tensor =
          Objects.requireNonNull(tensors.get(parameter.name()), "all tensors of a set have masks");
      own.put(
          parameter.name(),
          byScale
              ? Arrays.stream(tensor.weights().weights()).map(Math::abs).toArray()
              : pattern.unitScores(
                  parameter.layout(), TensorPlanner.scores(choices.criterion(), tensor)));
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

  /**
   * Returns the number of channels that take part.
   *
   * @return the sum over all sets
   */
  public int channels() {
    return sets.stream().mapToInt(ChannelSet::size).sum();
  }

  /** The number of channels that may be removed; each layer keeps some. */
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
   * Removes exactly the participating channels whose weights are all zero. A set that would lose
   * all channels keeps its first ones.
   */
  @Override
  public List<Mask> adopted(List<Mask> zeros) {
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

  /**
   * Returns the largest number of channels that the distribution allows to remove.
   *
   * @param ranking what {@link #rank} returned
   * @return a number of channels, 0 or more
   */
  public int most(Ranking ranking) {
    int low = 0;
    int high = removable();
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (accepts(ranking, middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private boolean accepts(Ranking ranking, int removed) {
    try {
      plan(ranking, new Due((double) removed / channels(), 1.0));
      return true;
    } catch (IllegalArgumentException e) { // a floor is in the way
      return false;
    }
  }
}
