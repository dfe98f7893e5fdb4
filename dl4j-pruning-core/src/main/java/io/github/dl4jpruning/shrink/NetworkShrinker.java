package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkNarrowing;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.select.LayerNames;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;

/**
 * Shrinks a network with dead units (neurons, filters, recurrent units). The new network gives the
 * same outputs with fewer units, and is smaller and faster with stock DL4J on any machine.
 *
 * <pre>{@code
 * MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
 * }</pre>
 *
 * <p>A channel is removed in two cases, in which all outputs of the network stay the same, up to
 * the rounding of sums:
 *
 * <ul>
 *   <li>The channel is not read: its weights in the next layers are zero, or belong to channels
 *       that are removed as well. Masking a whole group of coupled channels achieves this.
 *   <li>The channel is constant, because it has no input. Its contribution is then added to the
 *       next bias. If that would not be exact (a convolution that reads zeros beyond the border, a
 *       layer without a bias), the channel is kept and the report says so.
 * </ul>
 *
 * <p>Channels are followed through additions, concatenation, flattening and normalisation. Each
 * layer keeps at least one channel. Inputs and outputs of the network keep their widths, and so
 * does everything around a layer of an unknown type, which the report names.
 *
 * <p>The new network has the configuration of the old one with new widths, its counts, and the
 * updater state of the remaining parameters, so training can continue. It has no listeners.
 *
 * <p>Source of the groups: G. Fang et al., "DepGraph: Towards any structural pruning", 2023 (arXiv
 * 2301.12900).
 */
public final class NetworkShrinker {

  private final int multiple;
  private final int floor;
  private final Optional<LayerNames> full;

  private NetworkShrinker(Builder builder) {
    this.multiple = builder.multiple;
    this.floor = builder.floor;
    this.full =
        builder.full.isEmpty() ? Optional.empty() : Optional.of(new LayerNames(builder.full));
  }

  /**
   * Shrinks a network as far as possible.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @return a new network
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type
   * @throws IllegalStateException if it is not initialised
   */
  public static <M extends Model> M shrink(M network) {
    return builder().build().apply(network).network();
  }

  /**
   * Starts building a shrinker.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A smaller network and its report.
   *
   * @param network the new network
   * @param report widths before and after
   * @param <M> the type of network
   */
  public record Shrunk<M extends Model>(M network, ShrinkReport report) {}

  /**
   * Shrinks a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @return the new network and the report
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type, or a name in {@link
   *     Builder#exceptLayers} matches no layer
   * @throws IllegalStateException if it is not initialised
   */
  public <M extends Model> Shrunk<M> apply(M network) {
    return prepare(network).get();
  }

  /**
   * Reads a network once, to shrink it repeatedly with different masked weights.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @return a supplier that returns a new network, shrunk according to the present weights, at each
   *     call
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type, or a name in {@link
   *     Builder#exceptLayers} matches no layer
   * @throws IllegalStateException if it is not initialised
   */
  public <M extends Model> Supplier<Shrunk<M>> prepare(M network) {
    NetworkParameters parameters = NetworkParameters.of(network);
    checkNames(parameters);
    NetworkTopology topology = NetworkTopology.of(network);
    FlowReader.Reading reading = FlowReader.read(topology, parameters);
    Coupling coupling = new Coupling(reading.flow());
    return () -> shrunk(parameters, topology, reading, coupling);
  }

  private <M extends Model> Shrunk<M> shrunk(
      NetworkParameters parameters,
      NetworkTopology topology,
      FlowReader.Reading reading,
      Coupling coupling) {
    Flow flow = reading.flow();
    Constants constants =
        new Constants(
            flow, flow.tensors().stream().map(t -> parameters.reader(t.parameter())).toList());
    Removal removal = new Removal(coupling, constants);
    BitSet removed = removable(coupling, removal, full(topology));

    Map<String, Mask> kept = new HashMap<>();
    for (Flow.Tensor tensor : flow.tensors()) {
      kept.merge(tensor.parameter().name(), coupling.kept(tensor, removed), Mask::and);
    }
    List<Mask> masks =
        parameters.parameters().stream()
            .map(p -> kept.getOrDefault(p.name(), Mask.dense(p.length())))
            .toList();
    Map<String, double[]> added = new HashMap<>();
    removal
        .folded(removed)
        .forEach(
            (tensor, terms) -> {
              String name = flow.tensors().get(tensor).parameter().name();
              Mask mask = Objects.requireNonNull(kept.get(name), "each tensor has one");
              added.put(name, left(terms, mask));
            });
    NetworkNarrowing narrowing = new NetworkNarrowing(parameters, masks);
    Object configuration =
        NarrowConfiguration.of(
            narrowing.copyOfConfiguration(),
            topology,
            reading.builder().edits(),
            widths(coupling, removed));
    @SuppressWarnings("unchecked") // narrowing returns the type of network that it was given
    M made = (M) narrowing.create(configuration, added);
    ShrinkReport report =
        ShrinkReport.of(coupling, removed, removal, parameters.count(), made.numParams());
    return new Shrunk<>(made, report);
  }

  private void checkNames(NetworkParameters parameters) {
    List<String> missing = full.map(names -> names.missing(parameters.layers())).orElse(List.of());
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "exceptLayers must be names of layers, but there is no "
              + String.join(", ", missing)
              + " among "
              + String.join(", ", parameters.layers()));
    }
  }

  /** Returns the layers that keep their widths. */
  private Set<String> full(NetworkTopology topology) {
    return topology.nodes().stream()
        .filter(
            node ->
                full.filter(names -> names.match(node.name()) || names.match(node.title()))
                    .isPresent())
        .map(NetworkTopology.Node::name)
        .collect(Collectors.toSet());
  }

  /** Returns the removable groups that leave each layer wide enough. */
  private BitSet removable(Coupling coupling, Removal removal, Set<String> untouched) {
    Flow flow = coupling.flow();
    BitSet staying = coupling.pinned();
    List<Integer> producers = coupling.producers();
    for (int node : producers) {
      String part = flow.nodes().get(node).part();
      if (untouched.contains(part)) {
        for (int group : coupling.groups(node)) {
          staying.set(group);
        }
      }
    }
    while (true) {
      BitSet removed = removal.without(staying);
      boolean enough = true;
      for (int node = 0; node < flow.nodes().size(); node++) {
        int[] groups = coupling.groups(node);
        if (groups.length == 0) {
          continue;
        }
        int left = coupling.width(node, removed);
        int least = coupling.least(node);
        if (producers.contains(node)) {
          int whole = (left + multiple - 1) / multiple * multiple;
          least = Math.max(least, Math.max(floor, whole));
        }
        for (int i = 0; i < groups.length && left < Math.min(least, groups.length); i++) {
          if (removed.get(groups[i])) {
            staying.set(groups[i]);
            removed.clear(groups[i]);
            left = coupling.width(node, removed);
            enough = false;
          }
        }
      }
      if (enough) {
        return removed;
      }
    }
  }

  private static double[] left(double[] terms, Mask kept) {
    List<Double> left = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      if (kept.isKept(i)) {
        left.add(terms[i]);
      }
    }
    return left.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static FlowBuilder.Widths widths(Coupling coupling, BitSet removed) {
    return new FlowBuilder.Widths() {
      @Override
      public int of(int node) {
        return coupling.width(node, removed);
      }

      @Override
      public int ofFirst(int node, int channels) {
        int left = 0;
        for (int i = 0; i < channels; i++) {
          left += removed.get(coupling.groups(node)[i]) ? 0 : 1;
        }
        return left;
      }
    };
  }

  /** A builder of shrinkers. Each setter returns the builder. */
  public static final class Builder {
    private int multiple = 1;
    private int floor = 1;
    private final List<String> full = new ArrayList<>();

    private Builder() {}

    /**
     * Keeps dead channels as needed to make the width of a layer a multiple of a number, which
     * suits some hardware. Never removes more channels.
     *
     * @param multiple 1 or more; 1 by default
     */
    public Builder roundWidthsTo(int multiple) {
      this.multiple = multiple;
      return this;
    }

    /**
     * Keeps at least a number of channels of each layer, or all if it has fewer.
     *
     * @param channels 1 or more; 1 by default
     */
    public Builder keepAtLeast(int channels) {
      this.floor = channels;
      return this;
    }

    /**
     * Keeps the widths of some layers.
     *
     * @param layers names of layers; may contain {@code *} and {@code ?}
     */
    public Builder exceptLayers(String... layers) {
      full.addAll(List.of(layers));
      return this;
    }

    /**
     * Checks the choices.
     *
     * @return the shrinker
     * @throws IllegalArgumentException if a number is below 1
     */
    public NetworkShrinker build() {
      if (multiple < 1) {
        throw new IllegalArgumentException("roundWidthsTo must be 1 or more, but is " + multiple);
      }
      if (floor < 1) {
        throw new IllegalArgumentException("keepAtLeast must be 1 or more, but is " + floor);
      }
      return new NetworkShrinker(this);
    }
  }
}
