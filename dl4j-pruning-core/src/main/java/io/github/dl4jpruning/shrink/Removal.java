package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.shrink.Flow.Affine;
import io.github.dl4jpruning.shrink.Flow.Node;
import io.github.dl4jpruning.shrink.Flow.Recurrent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the groups of channels that can be removed without changing the network's outputs.
 *
 * <p>A group is removable if it is not read: each weight that it is multiplied with is zero, or
 * feeds a channel that is removed as well, or the channel is constant and its contribution can be
 * added to a bias instead. To find the largest such set, all groups are first taken as removable,
 * and groups that are read are struck out until none is left to strike out.
 */
final class Removal {

  /** A place where a group is read: input channel {@code channel} of the tensor. */
  private record Read(int node, int tensor, int source, int channel, boolean foldable) {}

  private final Coupling coupling;
  private final Constants constants;
  private final Map<Integer, List<Read>> reads = new HashMap<>();

  Removal(Coupling coupling, Constants constants) {
    this.coupling = coupling;
    this.constants = constants;
    Flow flow = coupling.flow();
    for (int n = 0; n < flow.nodes().size(); n++) {
      Node node = flow.nodes().get(n);
      if (node.op() instanceof Affine affine) {
        boolean foldable = affine.bias() >= 0 && !affine.padded();
        addReads(n, affine.weights(), node.input(), foldable);
      } else if (node.op() instanceof Recurrent recurrent) {
        addReads(n, recurrent.weights(), node.input(), recurrent.bias() >= 0);
        // Before the first step the output of a unit is zero, even if it is another constant later.
        addReads(n, recurrent.recurrent(), n, false);
      }
    }
  }

  private void addReads(int node, int tensor, int source, boolean foldable) {
    int[] groups = coupling.groups(source);
    for (int c = 0; c < groups.length; c++) {
      reads
          .computeIfAbsent(groups[c], g -> new ArrayList<>())
          .add(new Read(node, tensor, source, c, foldable));
    }
  }

  /**
   * Returns the largest set of removable groups.
   *
   * @param protectedGroups the groups to keep
   */
  BitSet without(BitSet protectedGroups) {
    BitSet removed = new BitSet();
    for (int node : coupling.producers()) {
      Arrays.stream(coupling.groups(node)).forEach(removed::set);
    }
    removed.andNot(protectedGroups);
    boolean changed;
    do {
      changed = false;
      Map<Integer, BitSet> gone = new HashMap<>();
      for (int g = removed.nextSetBit(0); g >= 0; g = removed.nextSetBit(g + 1)) {
        if (isRead(g, removed, gone)) {
          removed.clear(g);
          changed = true;
        }
      }
    } while (changed);
    return removed;
  }

  private boolean isRead(int group, BitSet removed, Map<Integer, BitSet> gone) {
    for (Read read : reads.getOrDefault(group, List.of())) {
      double constant = constants.at(read.source(), read.channel());
      boolean harmless =
          (constant == 0.0 || (read.foldable() && !Double.isNaN(constant)))
              && !constants.links(read.tensor()).notFinite().get(read.channel());
      if (!harmless
          && constants
              .links(read.tensor())
              .feeds(read.channel(), gone.computeIfAbsent(read.node(), n -> gone(n, removed)))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the channels of a node that are taken as removed. */
  private BitSet gone(int node, BitSet removed) {
    int[] groups = coupling.groups(node);
    BitSet gone = new BitSet();
    for (int i = 0; i < groups.length; i++) {
      if (removed.get(groups[i])) {
        gone.set(i);
      }
    }
    return gone;
  }

  /**
   * Returns the groups that are kept only because a constant cannot be added to a bias.
   *
   * @param removed the removed groups
   * @param pinned the groups that must be kept
   */
  BitSet refused(BitSet removed, BitSet pinned) {
    BitSet refused = new BitSet();
    Map<Integer, BitSet> gone = new HashMap<>();
    reads.forEach(
        (group, places) -> {
          boolean stays = !removed.get(group) && !pinned.get(group);
          boolean constant =
              places.stream()
                  .allMatch(
                      read ->
                          !Double.isNaN(constants.at(read.source(), read.channel()))
                              || !constants
                                  .links(read.tensor())
                                  .feeds(
                                      read.channel(),
                                      gone.computeIfAbsent(read.node(), n -> gone(n, removed))));
          // Groups that are not read do not count: they are kept for a floor or on request.
          if (stays && constant && isRead(group, removed, gone)) {
            refused.set(group);
          }
        });
    return refused;
  }

  /**
   * Returns the terms to add to biases for removed constants.
   *
   * @param removed the removed groups
   * @return for the index of each bias tensor that changes, the term for each entry
   */
  Map<Integer, double[]> folded(BitSet removed) {
    Map<Integer, double[]> added = new HashMap<>();
    Flow flow = coupling.flow();
    for (Node node : flow.nodes()) {
      if (node.op() instanceof Affine affine && affine.bias() >= 0 && !affine.padded()) {
        fold(added, affine.weights(), affine.bias(), node.input(), 1, removed);
      } else if (node.op() instanceof Recurrent recurrent && recurrent.bias() >= 0) {
        fold(
            added, recurrent.weights(), recurrent.bias(), node.input(), recurrent.gates(), removed);
      }
    }
    return added;
  }

  private void fold(
      Map<Integer, double[]> added, int weights, int bias, int source, int gates, BitSet removed) {
    int[] groups = coupling.groups(source);
    double[] terms = new double[groups.length];
    boolean any = false;
    for (int i = 0; i < terms.length; i++) {
      double constant = constants.at(source, i);
      if (removed.get(groups[i]) && !Double.isNaN(constant)) {
        terms[i] = constant;
        any |= constant != 0.0;
      }
    }
    if (any) {
      double[] sums = new double[coupling.flow().tensors().get(bias).layout().length()];
      coupling
          .flow()
          .tensors()
          .get(weights)
          .layout()
          .forEach(
              (flat, output, input) -> {
                if (terms[input] != 0.0) {
                  // The columns of an LSTM's weights, one for each gate of each unit, match the
                  // entries of its bias.
                  int entry = gates == 1 ? output : flat / terms.length;
                  sums[entry] += constants.value(weights, flat) * terms[input];
                }
              });
      added.put(bias, sums);
    }
  }
}
