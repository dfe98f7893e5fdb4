package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.ScoreRule;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/**
 * The result of a {@link StructuredPruner}. {@link #toString} gives a table.
 *
 * @param network the smaller network, from the last accepted round
 * @param cost the cost that was reduced
 * @param costBefore the cost of the given network: a count, or milliseconds
 * @param costAfter the cost of {@code network}. A time was measured when the network was chosen, in
 *     alternation with the dense network, whose time is {@code costBefore}
 * @param latency both times and their spread; empty if the cost is not a time
 * @param parametersBefore the number of parameters of the given network
 * @param parametersAfter the number of parameters of {@code network}
 * @param denseScore the score of the given network
 * @param minimizes whether a lower score is better
 * @param rounds all attempts; {@link PruningRound#target} and {@link PruningRound#sparsity} are the
 *     fractions of the cost that were to be removed and that were removed
 * @param complete whether the target was reached
 * @param reason why pruning ended, in a sentence
 * @param <M> the type of network
 */
public record StructuredPruningResult<M extends Model>(
    M network,
    Cost cost,
    double costBefore,
    double costAfter,
    Optional<Speedup> latency,
    long parametersBefore,
    long parametersAfter,
    double denseScore,
    boolean minimizes,
    List<PruningRound> rounds,
    boolean complete,
    String reason) {

  /** Copies the list. */
  public StructuredPruningResult {
    rounds = List.copyOf(rounds);
  }

  /**
   * Returns how much worse the score of a round is than the dense score.
   *
   * @param round one of the rounds
   * @return the difference; negative if the round is better
   */
  public double drop(PruningRound round) {
    return new ScoreRule(denseScore, minimizes).drop(round.score());
  }

  @Override
  public String toString() {
    TextTable table =
        new TextTable("round", "target", cost + " left", "score", "drop", "epochs", "");
    table.row("dense", "", "100.0%", number(denseScore), "", "", "");
    for (PruningRound round : rounds) {
      table.row(
          String.valueOf(round.number()),
          percent(1.0 - round.target()),
          percent(1.0 - round.sparsity()),
          number(round.score()),
          number(drop(round)),
          String.valueOf(round.epochs()),
          round.accepted() ? "accepted" : "taken back");
    }
    return table
        + String.format(
            Locale.ROOT,
            "%s %s → %s%s, parameters %,d → %,d\n%s\n",
            cost,
            amount(costBefore),
            amount(costAfter),
            latency.map(speedup -> ", " + speedup).orElse(""),
            parametersBefore,
            parametersAfter,
            reason);
  }

  private String amount(double value) {
    return cost == Cost.LATENCY
        ? String.format(Locale.ROOT, "%.3f ms", value)
        : String.format(Locale.ROOT, "%,d", Math.round(value));
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f%%", 100.0 * fraction);
  }

  private static String number(double score) {
    return String.format(Locale.ROOT, "%.4f", score);
  }
}
