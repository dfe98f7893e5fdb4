package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.report.TextTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The result of a {@link NetworkShrinker}. {@link #toString} returns a table.
 *
 * @param layers the layers that produce channels, in the order of the network
 * @param parametersBefore number of parameters of the given network
 * @param parametersAfter number of parameters of the new network
 * @param fullWidth the layers that are unknown or use all channels together, so that channels were
 *     kept; each with the reason
 */
public record ShrinkReport(
    List<Width> layers, long parametersBefore, long parametersAfter, List<String> fullWidth) {

  /**
   * The channels of a layer.
   *
   * @param layer the name of the layer; the two directions of a bidirectional layer are separate
   * @param before channels in the given network
   * @param after channels in the new network
   * @param refused constant channels that were kept, because their contribution cannot be added to
   *     a bias exactly
   */
  public record Width(String layer, int before, int after, int refused) {}

  /** Copies the lists. */
  public ShrinkReport {
    layers = List.copyOf(layers);
    fullWidth = List.copyOf(fullWidth);
  }

  static ShrinkReport of(
      Coupling coupling, BitSet removed, Removal removal, long before, long after) {
    Flow flow = coupling.flow();
    BitSet refused = removal.refused(removed, coupling.pinned());
    List<Width> layers = new ArrayList<>();
    for (int node : coupling.producers()) {
      int[] groups = coupling.groups(node);
      int constant = 0;
      for (int group : groups) {
        constant += refused.get(group) ? 1 : 0;
      }
      layers.add(
          new Width(
              flow.nodes().get(node).part(),
              groups.length,
              coupling.width(node, removed),
              constant));
    }
    return new ShrinkReport(layers, before, after, reasons(flow));
  }

  private static List<String> reasons(Flow flow) {
    Map<String, Set<String>> reasons = new LinkedHashMap<>();
    for (int n = 0; n < flow.nodes().size(); n++) {
      Flow.Node node = flow.nodes().get(n);
      String why = "";
      if (node.op() instanceof Flow.Opaque opaque) {
        why = opaque.why();
      } else if (node.op() instanceof Flow.Pinned pinned && !flow.outputs().contains(n)) {
        why = pinned.why();
      }
      if (!why.isEmpty()) {
        reasons.computeIfAbsent(node.part(), p -> new LinkedHashSet<>()).add(why);
      }
    }
    return reasons.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + String.join(", ", entry.getValue()))
        .toList();
  }

  /**
   * Returns the number of removed channels.
   *
   * @return the number, over all layers
   */
  public int removed() {
    return layers.stream().mapToInt(layer -> layer.before() - layer.after()).sum();
  }

  @Override
  public String toString() {
    TextTable table = new TextTable("layer", "channels", "left", "constant, but not removable");
    for (Width layer : layers) {
      table.row(
          layer.layer(),
          String.format(Locale.ROOT, "%,d", layer.before()),
          String.format(Locale.ROOT, "%,d", layer.after()),
          layer.refused() == 0 ? "" : String.format(Locale.ROOT, "%,d", layer.refused()));
    }
    table.rule();
    table.row(
        "parameters",
        String.format(Locale.ROOT, "%,d", parametersBefore),
        String.format(Locale.ROOT, "%,d", parametersAfter),
        "");
    return fullWidth.isEmpty()
        ? table.toString()
        : table + "left at full width: " + String.join("; ", fullWidth) + "\n";
  }
}
