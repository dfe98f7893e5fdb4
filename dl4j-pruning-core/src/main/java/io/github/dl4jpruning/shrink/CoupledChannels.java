package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Model;

/**
 * The removable channels of a network, in sets: the channels of one layer, or of several layers
 * that must lose the same channels. A channel is identified by its set and its index in the set.
 */
public final class CoupledChannels {

  private final Coupling coupling;
  private final List<PrunableParameter> parameters;
  private final List<ChannelSet> sets = new ArrayList<>();

  /**
   * Channels of one kind that compete with each other.
   *
   * @param layers the layers that produce the channels, in the order of the network
   * @param makers the weight tensors that produce the channels; the first gives the set its name
   * @param scales the scales (γ) of batch normalisations that the channels pass through
   * @param groups the group of each channel
   * @param least the least number of channels to keep
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record ChannelSet(
      List<String> layers,
      List<PrunableParameter> makers,
      List<PrunableParameter> scales,
      int[] groups,
      int least) {

    /**
     * Returns the number of channels.
     *
     * @return at least 1
     */
    public int size() {
      return groups.length;
    }
  }

  private CoupledChannels(Coupling coupling, NetworkParameters network) {
    this.coupling = coupling;
    Set<String> touched = new LinkedHashSet<>();
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      touched.add(tensor.parameter().name());
    }
    this.parameters =
        network.parameters().stream()
            .filter(p -> touched.contains(p.name()))
            .filter(p -> p.role() != Role.OTHER && p.role() != Role.UNKNOWN)
            .toList();
    collect();
  }

  /**
   * Reads a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @return the channels of the network
   * @throws IllegalArgumentException if it is of another type
   * @throws IllegalStateException if it is not initialised
   */
  public static CoupledChannels of(Model network) {
    NetworkParameters parameters = NetworkParameters.of(network);
    NetworkTopology topology = NetworkTopology.of(network);
    return new CoupledChannels(
        new Coupling(FlowReader.read(topology, parameters).flow()), parameters);
  }

  /** Collects nodes that share a group into one set. */
  private void collect() {
    BitSet pinned = coupling.pinned();
    int[] setOf = new int[coupling.bound()];
    Arrays.fill(setOf, -1);
    List<Set<Integer>> nodes = new ArrayList<>();
    for (int node : coupling.producers()) {
      Set<Integer> met = new LinkedHashSet<>();
      for (int group : coupling.groups(node)) {
        met.add(setOf[group]);
      }
      met.remove(-1);
      Set<Integer> together = new LinkedHashSet<>();
      int number = nodes.size();
      for (int other : met) {
        together.addAll(nodes.get(other));
        nodes.get(other).clear();
        for (int g = 0; g < setOf.length; g++) {
          setOf[g] = setOf[g] == other ? number : setOf[g];
        }
      }
      together.add(node);
      nodes.add(together);
      for (int group : coupling.groups(node)) {
        setOf[group] = number;
      }
    }
    for (Set<Integer> together : nodes) {
      if (!together.isEmpty()) {
        add(together, pinned);
      }
    }
  }

  private void add(Set<Integer> nodes, BitSet pinned) {
    BitSet groups = new BitSet();
    Set<String> layers = new LinkedHashSet<>();
    for (int node : nodes) {
      layers.add(coupling.flow().nodes().get(node).part());
      Arrays.stream(coupling.groups(node)).forEach(groups::set);
    }
    groups.andNot(pinned);
    if (groups.isEmpty()) {
      return;
    }
    Map<String, PrunableParameter> makers = new LinkedHashMap<>();
    Map<String, PrunableParameter> scales = new LinkedHashMap<>();
    int least = 1;
    for (int node = 0; node < coupling.flow().nodes().size(); node++) {
      int[] own = coupling.groups(node);
      if (own.length > 0 && groups.get(own[0])) {
        least = Math.max(least, coupling.least(node));
      }
    }
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      if (tensor.outputs() >= 0 && intersects(coupling.groups(tensor.outputs()), groups)) {
        PrunableParameter parameter = tensor.parameter();
        if (parameter.role() == Role.WEIGHT && nodes.contains(tensor.outputs())) {
          makers.put(parameter.name(), parameter);
        } else if (parameter.role() == Role.NORMALIZATION && parameter.key().endsWith("gamma")) {
          scales.put(parameter.name(), parameter);
        }
      }
    }
    sets.add(
        new ChannelSet(
            List.copyOf(layers),
            List.copyOf(makers.values()),
            List.copyOf(scales.values()),
            groups.stream().toArray(),
            least));
  }

  private static boolean intersects(int[] own, BitSet groups) {
    return Arrays.stream(own).anyMatch(groups::get);
  }

  /**
   * Returns the sets.
   *
   * @return the sets with a removable channel, in the order of the network
   */
  public List<ChannelSet> sets() {
    return List.copyOf(sets);
  }

  /**
   * Returns all parameters that can be masked: weights, biases, and scales and shifts of
   * normalisations.
   *
   * @return the parameters, in order of offset
   */
  public List<PrunableParameter> parameters() {
    return parameters;
  }

  /**
   * Returns the scores of the channels of a set, computed from the channel scores of its tensors.
   *
   * @param set one of {@link #sets}
   * @param scores for each parameter name, a score for each output channel
   * @return a score for each channel: the mean over all tensors that produce it
   */
  public double[] pooled(ChannelSet set, Map<String, double[]> scores) {
    Map<Integer, Integer> index = new HashMap<>();
    for (int i = 0; i < set.size(); i++) {
      index.put(set.groups()[i], i);
    }
    double[] sums = new double[set.size()];
    int[] terms = new int[set.size()];
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      double[] own = scores.get(tensor.parameter().name());
      if (own != null && tensor.outputs() >= 0) {
        int[] groups = coupling.groups(tensor.outputs());
        for (int c = 0; c < groups.length; c++) {
          Integer i = index.get(groups[c]);
          if (i != null) {
            sums[i] += own[c];
            terms[i]++;
          }
        }
      }
    }
    Arrays.setAll(sums, i -> terms[i] == 0 ? 0.0 : sums[i] / terms[i]);
    return sums;
  }

  /**
   * Returns whether each channel of a set passes through a batch normalisation with a scale.
   *
   * @param set one of {@link #sets}
   * @return false if a channel does not
   */
  public boolean haveAllScales(ChannelSet set) {
    BitSet scaled = new BitSet();
    Set<String> names = new LinkedHashSet<>();
    set.scales().forEach(parameter -> names.add(parameter.name()));
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      if (names.contains(tensor.parameter().name())) {
        Arrays.stream(coupling.groups(tensor.outputs())).forEach(scaled::set);
      }
    }
    return Arrays.stream(set.groups()).allMatch(scaled::get);
  }

  /**
   * Returns the masks of all parameters without some channels.
   *
   * @param removed the groups of the channels to remove
   * @return one mask for each of {@link #parameters}
   */
  public List<Mask> masks(BitSet removed) {
    Map<String, Mask> kept = new TreeMap<>();
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      kept.merge(tensor.parameter().name(), coupling.kept(tensor, removed), Mask::and);
    }
    return parameters.stream().map(p -> kept.get(p.name())).toList();
  }

  /**
   * Returns the channels that some masks remove completely.
   *
   * @param masks one mask for each of {@link #parameters}
   * @return the groups without any kept weight
   */
  public BitSet removed(List<Mask> masks) {
    BitSet alive = new BitSet();
    Map<String, Mask> byName = new HashMap<>();
    for (int p = 0; p < masks.size(); p++) {
      byName.put(parameters.get(p).name(), masks.get(p));
    }
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      Mask mask = byName.get(tensor.parameter().name());
      if (mask != null) {
        int[] outputs = tensor.outputs() < 0 ? null : coupling.groups(tensor.outputs());
        int[] inputs = tensor.inputs() < 0 ? null : coupling.groups(tensor.inputs());
        tensor
            .layout()
            .forEach(
                (flat, output, input) -> {
                  if (mask.isKept(flat)) {
                    if (outputs != null) {
                      alive.set(outputs[output]);
                    }
                    if (inputs != null) {
                      alive.set(inputs[input]);
                    }
                  }
                });
      }
    }
    BitSet removed = new BitSet();
    for (ChannelSet set : sets) {
      Arrays.stream(set.groups()).forEach(removed::set);
    }
    removed.andNot(alive);
    return removed;
  }
}
