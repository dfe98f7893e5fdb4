package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.report.Percent;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.rounds.ScoreRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The scores of a network when only one of its layers is pruned. {@link #toString} gives a table,
 * {@link #toCsv} the same data for programs.
 *
 * @param denseScore the score without pruning
 * @param minimizes whether a lower score is better
 * @param layers a row for each layer that was probed, in the order of the network
 */
public record SensitivityResult(
    double denseScore, boolean minimizes, List<LayerSensitivity> layers) {

  /** Copies the list. */
  public SensitivityResult {
    layers = List.copyOf(layers);
  }

  /**
   * The result for one layer at one sparsity.
   *
   * @param sparsity the requested sparsity
   * @param reached the actual sparsity of the layer's weights, according to its masks
   * @param score the score of the network
   * @param speedup how much faster the network is than without pruning; empty if it was not timed
   */
  public record Probe(double sparsity, double reached, double score, Optional<Speedup> speedup) {

    /**
     * A probe that was not timed.
     *
     * @param sparsity the requested sparsity
     * @param reached the actual sparsity of the layer's weights, according to its masks
     * @param score the score of the network
     */
    public Probe(double sparsity, double reached, double score) {
      this(sparsity, reached, score, Optional.empty());
    }
  }

  /**
   * The results for one layer.
   *
   * @param layer the layer's name
   * @param weights the number of its weights
   * @param probes its probes, by rising sparsity
   */
  public record LayerSensitivity(String layer, long weights, List<Probe> probes) {
    /** Copies the list. */
    public LayerSensitivity {
      probes = List.copyOf(probes);
    }
  }

  /**
   * A proposed sparsity for each layer.
   *
   * @param targets the sparsities by layer, in the order of the network
   * @param sparsity the resulting sparsity of all layers together: the final value for a schedule
   * @param distribution a distribution for this total: every layer but the largest has its target,
   *     and the largest one takes the rest
   */
  public record Proposal(
      Map<String, Double> targets, double sparsity, SparsityDistribution distribution) {
    /** Copies the map. */
    public Proposal {
      targets = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(targets));
    }
  }

  /**
   * Returns how much worse a score is than the dense score.
   *
   * @param probe one of the probes
   * @return the difference; negative if the score is better
   */
  public double drop(Probe probe) {
    return new ScoreRule(denseScore, minimizes).drop(probe.score());
  }

  /**
   * Proposes a sparsity for each layer: the highest one up to which every probe, without
   * fine-tuning, costs at most {@code maxDrop}. Pruning all layers costs more than pruning one, and
   * fine-tuning wins some of it back, so the proposal is a starting point, not a guarantee.
   *
   * @param maxDrop the allowed cost of one layer, in units of the score, 0 or more
   * @return the proposal
   * @throws IllegalArgumentException if {@code maxDrop} is negative or NaN
   */
  public Proposal proposal(double maxDrop) {
    if (!(maxDrop >= 0.0)) {
      throw new IllegalArgumentException("maxDrop must be 0 or more, but is " + maxDrop);
    }
    Map<String, Double> targets = new LinkedHashMap<>();
    long weights = 0;
    double removed = 0.0;
    for (LayerSensitivity layer : layers) {
      double target = 0.0;
      for (Probe probe : layer.probes()) {
        if (!(drop(probe) <= maxDrop)) {
          break;
        }
        target = probe.sparsity();
      }
      targets.put(layer.layer(), target);
      weights += layer.weights();
      removed += target * layer.weights();
    }
    return new Proposal(targets, removed / weights, distribution(targets));
  }

  private SparsityDistribution distribution(Map<String, Double> targets) {
    String largest =
        layers.stream()
            .max(Comparator.comparingLong(LayerSensitivity::weights))
            .orElseThrow()
            .layer();
    SparsityDistribution distribution = SparsityDistribution.global();
    for (Map.Entry<String, Double> target : targets.entrySet()) {
      if (!target.getKey().equals(largest)) {
        distribution = distribution.withTarget(target.getKey(), target.getValue());
      }
    }
    return distribution;
  }

  /**
   * Returns whether the network was timed in each probe.
   *
   * @return false if the scan had no {@code latencyBy}
   */
  public boolean isTimed() {
    return layers.stream()
        .flatMap(layer -> layer.probes().stream())
        .allMatch(probe -> probe.speedup().isPresent());
  }

  @Override
  public String toString() {
    String scores =
        table(probe -> number(probe.score()))
            + "score with nothing pruned: "
            + number(denseScore)
            + "\n";
    return isTimed()
        ? scores + "\ntimes as fast as with nothing pruned:\n" + table(SensitivityResult::speed)
        : scores;
  }

  private static String speed(Probe probe) {
    Speedup speedup = probe.speedup().orElseThrow();
    return speedup.isDifference() ? String.format(Locale.ROOT, "%.2f×", speedup.ratio()) : "=";
  }

  /** A row for each layer, a column for each sparsity. */
  private TextTable table(Function<Probe, String> cell) {
    List<String> header = new ArrayList<>(List.of("layer", "weights"));
    layers.get(0).probes().forEach(probe -> header.add(Percent.brief(probe.sparsity())));
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (LayerSensitivity layer : layers) {
      List<String> row = new ArrayList<>();
      row.add(layer.layer());
      row.add(String.format(Locale.ROOT, "%,d", layer.weights()));
      layer.probes().forEach(probe -> row.add(cell.apply(probe)));
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  private static String number(double score) {
    return String.format(Locale.ROOT, "%.4f", score);
  }

  /**
   * Returns all probes as CSV, one line each: layer, weights, requested sparsity, reached sparsity,
   * score, drop; and, if the network was timed, the milliseconds of one call and how many times
   * faster that is.
   *
   * @return CSV with a header
   */
  public String toCsv() {
    String times = isTimed() ? ",millis,times_as_fast" : "";
    StringBuilder csv = new StringBuilder("layer,weights,sparsity,reached,score,drop" + times);
    csv.append('\n');
    for (LayerSensitivity layer : layers) {
      for (Probe probe : layer.probes()) {
        csv.append(quoted(layer.layer())).append(',').append(layer.weights());
        csv.append(',').append(probe.sparsity()).append(',').append(probe.reached());
        csv.append(',').append(probe.score()).append(',').append(drop(probe));
        if (isTimed()) {
          Speedup speedup = probe.speedup().orElseThrow();
          csv.append(',').append(speedup.after()).append(',').append(speedup.ratio());
        }
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static String quoted(String name) {
    return name.matches("[^,\"\r\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
