package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.shrink.Flow.Affine;
import io.github.dl4jpruning.shrink.Flow.Channelwise;
import io.github.dl4jpruning.shrink.Flow.Combine;
import io.github.dl4jpruning.shrink.Flow.Concat;
import io.github.dl4jpruning.shrink.Flow.Depthwise;
import io.github.dl4jpruning.shrink.Flow.Gather;
import io.github.dl4jpruning.shrink.Flow.Node;
import io.github.dl4jpruning.shrink.Flow.Opaque;
import io.github.dl4jpruning.shrink.Flow.Pinned;
import io.github.dl4jpruning.shrink.Flow.Recurrent;
import io.github.dl4jpruning.shrink.Flow.Scalar;
import io.github.dl4jpruning.shrink.Flow.Source;
import io.github.dl4jpruning.shrink.Flow.Spatial;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the channels of a {@link Flow} that are coupled and must be removed together. Each channel
 * has a number, its group. A channel keeps its group through pooling, shares it with channels that
 * it is added to, and gives it to all of its positions when flattened.
 */
final class Coupling {

  private final Flow flow;

  /** The groups by node and channel; null if the width is not known. */
  private final int[] @Nullable [] ids;

  /** For each group, a group that it was joined with, or itself. */
  private int[] parents = new int[64];

  private int count;
  private final int[] least;
  private final BitSet pinned = new BitSet();

  Coupling(Flow flow) {
    this.flow = flow;
    this.ids = new int[flow.nodes().size()][];
    this.least = new int[ids.length];
    for (int n = 0; n < ids.length; n++) {
      Node node = flow.nodes().get(n);
      ids[n] = channels(n, node);
      least[n] = 1;
      if (node.op() instanceof Depthwise depthwise && depthwise.copiesFirst()) {
        // libnd4j cannot compute a separable convolution of a single channel.
        least[node.input()] = 2;
      }
    }
    flow.ties().forEach(tie -> join(ids[tie.a()], ids[tie.b()]));
    flow.outputs().forEach(this::pin);
    for (int[] own : ids) {
      if (own != null) {
        Arrays.setAll(own, i -> find(own[i]));
      }
    }
    BitSet roots = new BitSet();
    pinned.stream().map(this::find).forEach(roots::set);
    pinned.clear();
    pinned.or(roots);
  }

  private int @Nullable [] channels(int index, Node node) {
    if (node.op() instanceof Opaque || node.op() instanceof Pinned) {
      node.inputs().forEach(this::pin);
    }
    if (node.op() instanceof Source || node.op() instanceof Opaque) {
      int[] own = node.width() == Flow.UNKNOWN ? null : fresh(node.width());
      if (own != null) {
        Arrays.stream(own).forEach(pinned::set);
      }
      return own;
    } else if (node.op() instanceof Affine || node.op() instanceof Recurrent) {
      return fresh(node.width());
    }
    int[] first = ids[node.input()];
    if (node.op() instanceof Gather gather) {
      return Arrays.stream(gather.from()).map(from -> first[from]).toArray();
    } else if (node.op() instanceof Depthwise depthwise) {
      int[] own = new int[first.length * depthwise.multiplier()];
      Arrays.setAll(own, i -> first[i / depthwise.multiplier()]);
      return own;
    } else if (node.op() instanceof Concat) {
      return node.inputs().stream().flatMapToInt(in -> Arrays.stream(ids[in])).toArray();
    } else if (node.op() instanceof Combine) {
      node.inputs().forEach(in -> join(first, ids[in]));
      return first.clone();
    } else if (node.op() instanceof Pinned
        || node.op() instanceof Scalar
        || node.op() instanceof Channelwise
        || node.op() instanceof Spatial) {
      return first == null ? null : first.clone();
    }
    throw new IllegalStateException("node " + index + " does something unknown: " + node.op());
  }

  private int[] fresh(int width) {
    int[] own = new int[width];
    parents =
        count + width > parents.length ? Arrays.copyOf(parents, 2 * (count + width)) : parents;
    for (int i = 0; i < width; i++) {
      parents[count] = count;
      own[i] = count++;
    }
    return own;
  }

  private void pin(int node) {
    if (ids[node] != null) {
      Arrays.stream(ids[node]).forEach(pinned::set);
    }
  }

  private void join(int[] a, int[] b) {
    for (int i = 0; i < a.length; i++) {
      int rootA = find(a[i]);
      int rootB = find(b[i]);
      // The lower number wins, so that groups are numbered in the order of the flow.
      parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    }
  }

  private int find(int id) {
    int root = id;
    while (parents[root] != root) {
      root = parents[root];
    }
    parents[id] = root;
    return root;
  }

  Flow flow() {
    return flow;
  }

  /** Returns the upper bound of group numbers; not every number below it is a group. */
  int bound() {
    return count;
  }

  /** Returns the groups of a node's channels, in order; empty if the width is not known. */
  int[] groups(int node) {
    return ids[node] == null ? new int[0] : ids[node];
  }

  /** Returns the groups that must be kept. */
  BitSet pinned() {
    return (BitSet) pinned.clone();
  }

  /** Returns the number of channels that a node keeps without some groups. */
  int width(int node, BitSet removed) {
    return (int) Arrays.stream(ids[node]).filter(group -> !removed.get(group)).count();
  }

  /**
   * Returns the number of channels that a node must keep so that the network can be created and
   * run.
   */
  int least(int node) {
    return ids[node] == null ? 0 : Math.min(ids[node].length, least[node]);
  }

  /** Returns the entries of a tensor that belong to none of the removed groups. */
  Mask kept(Flow.Tensor tensor, BitSet removed) {
    boolean[] outputs = stays(tensor.outputs(), removed);
    boolean[] inputs = stays(tensor.inputs(), removed);
    int length = tensor.layout().length();
    if (outputs == null && inputs == null) {
      return Mask.dense(length);
    }
    BitSet kept = new BitSet(length);
    tensor
        .layout()
        .forEach(
            (flat, output, input) -> {
              if ((outputs == null || outputs[output]) && (inputs == null || inputs[input])) {
                kept.set(flat);
              }
            });
    return Mask.of(length, kept);
  }

  /** Returns for each channel of a node whether it is kept; null if all are. */
  private boolean @Nullable [] stays(int node, BitSet removed) {
    if (node < 0) {
      return null;
    }
    int[] groups = ids[node];
    boolean[] stays = new boolean[groups.length];
    boolean all = true;
    for (int i = 0; i < stays.length; i++) {
      stays[i] = !removed.get(groups[i]);
      all &= stays[i];
    }
    return all ? null : stays;
  }

  /**
   * Returns the nodes that produce channels: each removable group starts in one or more of them.
   */
  List<Integer> producers() {
    return IntStream.range(0, ids.length)
        .filter(
            n ->
                flow.nodes().get(n).op() instanceof Affine
                    || flow.nodes().get(n).op() instanceof Recurrent)
        .boxed()
        .toList();
  }
}
