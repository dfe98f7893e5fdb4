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
 * Makes a smaller network of one that has channels (neurons, filters, recurrent units) of no use:
 * the same outputs with fewer units, faster and smaller everywhere, with stock DL4J.
 *
 * <pre>{@code
 * MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
 * }</pre>
 *
 * <p>A channel goes if all of the network's outputs stay what they are, up to the rounding of sums:
 *
 * <ul>
 *   <li>nobody reads it: the weights that it is multiplied with are zero, or belong to channels
 *       that go as well; whoever has masked a whole group of coupled channels has made it so;
 *   <li>or it is constant, since nothing comes in: what it adds then goes into the next bias, once.
 *       Where that would not be exact (a convolution that reads zeros beyond the border, a layer
 *       without a bias) the channel stays, and the report says so.
 * </ul>
 *
 * <p>Channels that are added to each other, or concatenated, flattened or normalised on the way,
 * are followed through all of that; each layer keeps at least one. Inputs and outputs of the
 * network keep their widths, and so does everything around a layer of a kind that is not known
 * here; the report names it.
 *
 * <p>The new network has the configuration of the old one with other widths, its counts, and its
 * updater state for what is left, so it can be trained on. It has no listeners.
 *
 * <p>Source of the idea of groups: G. Fang et al., "DepGraph: Towards any structural pruning", 2023
 * (arXiv 2301.12900).
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
   * Shrinks a network as far as it goes.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @return a new network
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type
   * @throws IllegalStateException if it is not initialised
   */
  public static <M extends Model> M shrink(M network) {
    return builder().build().apply(network).network();
  }

  /**
   * Starts a shrinker with choices of its own.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A smaller network, and what was done.
   *
   * @param network the new network
   * @param report widths before and after
   * @param <M> the type of network
   */
  public record Shrunk<M extends Model>(M network, ShrinkReport report) {}

  /**
   * Shrinks a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @return a new network, and the report
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type, or has no layer of a name that is to
   *     be left alone
   * @throws IllegalStateException if it is not initialised
   */
  public <M extends Model> Shrunk<M> apply(M network) {
    return prepare(network).get();
  }

  /**
   * Reads a network once, for those who shrink it again and again with other weights masked.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; left as it
   *     is
   * @return gives a new network, shrunk as the weights of this one are at each call
   * @param <M> the type of network
   * @throws IllegalArgumentException if it is of another type, or has no layer of a name that is to
   *     be left alone
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
    @SuppressWarnings("unchecked") // narrowing makes the kind of network that it was given
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

  /** The layers that are to be left alone. */
  private Set<String> full(NetworkTopology topology) {
    return topology.nodes().stream()
        .filter(
            node ->
                full.filter(names -> names.match(node.name()) || names.match(node.title()))
                    .isPresent())
        .map(NetworkTopology.Node::name)
        .collect(Collectors.toSet());
  }

  /** What may go, and leaves each layer wide enough. */
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

  /** Collects the choices. Each method gives the builder back. */
  public static final class Builder {
    private int multiple = 1;
    private int floor = 1;
    private final List<String> full = new ArrayList<>();

    private Builder() {}

    /**
     * Keeps dead channels where that makes the width of a layer a multiple of a number, as some
     * hardware likes it. Never more goes because of it.
     *
     * @param multiple 1 or more; 1 unless set
     */
    public Builder roundWidthsTo(int multiple) {
      this.multiple = multiple;
      return this;
    }

    /**
     * Keeps a number of channels of each layer, or all that it has where it has fewer.
     *
     * @param channels 1 or more; 1 unless set
     */
    public Builder keepAtLeast(int channels) {
      this.floor = channels;
      return this;
    }

    /**
     * Leaves the widths of some layers alone.
     *
     * @param layers names, which may hold {@code *} and {@code ?}
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
