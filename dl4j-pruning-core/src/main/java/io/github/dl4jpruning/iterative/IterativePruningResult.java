package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.ScoreRule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The result of an {@link IterativePruner}. {@link #toString} and {@link #toMarkdown} are for
 * people, {@link #toJson} is for programs.
 *
 * @param network the pruned network: the last good one
 * @param pruning the attached listener, which keeps its removed weights at zero
 * @param dense a copy of the network before pruning, without updater state
 * @param denseScore the score before pruning
 * @param startSparsity the sparsity before pruning, usually 0
 * @param minimizes whether a lower score is better
 * @param rounds all attempts, including those that were taken back
 * @param complete whether all targets were reached
 * @param reason why pruning ended
 */
public record IterativePruningResult(
    Model network,
    PruningListener pruning,
    Model dense,
    double denseScore,
    double startSparsity,
    boolean minimizes,
    List<PruningRound> rounds,
    boolean complete,
    String reason) {

  /** Copies the list. */
  public IterativePruningResult {
    rounds = List.copyOf(rounds);
  }

  /**
   * Returns the round that produced the network.
   *
   * @return the last accepted round; empty if there is none and the network is the dense one
   */
  public Optional<PruningRound> chosen() {
    return rounds.stream().filter(PruningRound::accepted).reduce((earlier, later) -> later);
  }

  /**
   * Returns the score of the network.
   *
   * @return the score of the chosen round; the dense score if there is none
   */
  public double score() {
    return chosen().map(PruningRound::score).orElse(denseScore);
  }

  /**
   * Returns the sparsity of the network, according to its masks.
   *
   * @return the sparsity of the chosen round; the sparsity at the start if there is none
   */
  public double sparsity() {
    return chosen().map(PruningRound::sparsity).orElse(startSparsity);
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
        new TextTable("round", "target", "sparsity", "ratio", "score", "drop", "epochs", "");
    table.row("dense", "", percent(startSparsity), "", number(denseScore), "", "", "");
    for (PruningRound round : rounds) {
      table.row(cells(round));
    }
    return table + reason + "\n";
  }

  private String[] cells(PruningRound round) {
    String verdict = round.accepted() ? "accepted" : "taken back";
    return new String[] {
      String.valueOf(round.number()),
      percent(round.target()),
      percent(round.sparsity()),
      String.format(Locale.ROOT, "%.1f×", 1.0 / (1.0 - round.sparsity())),
      number(round.score()),
      number(drop(round)),
      String.valueOf(round.epochs()),
      chosen().equals(Optional.of(round)) ? "chosen" : verdict
    };
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f%%", 100.0 * fraction);
  }

  private static String number(double score) {
    return String.format(Locale.ROOT, "%.4f", score);
  }

  /**
   * Returns the rounds as a Markdown table, followed by the reason for the end.
   *
   * @return Markdown
   */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    text.append("| round | target | sparsity | ratio | score | drop | epochs | |\n");
    text.append("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
    text.append(
        String.format(
            Locale.ROOT,
            "| dense | | %s | | %s | | | |\n",
            percent(startSparsity),
            number(denseScore)));
    for (PruningRound round : rounds) {
      StringJoiner row = new StringJoiner(" | ", "| ", " |\n");
      for (String cell : cells(round)) {
        row.add(cell);
      }
      text.append(row);
    }
    return text.append('\n').append(reason).append('\n').toString();
  }

  /**
   * Returns the result as JSON: {@code dense} (score, sparsity), {@code rounds} (an array with the
   * components of {@link PruningRound} and {@code drop}), {@code chosen} (the number of a round, or
   * null), {@code complete}, {@code reason}. Values that are not finite are null.
   *
   * @return indented JSON
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.putObject("dense").put("score", denseScore).put("sparsity", startSparsity);
    root.put("minimizes", minimizes);
    ArrayNode rows = root.putArray("rounds");
    for (PruningRound round : rounds) {
      ObjectNode row = rows.addObject();
      row.put("number", round.number()).put("target", round.target());
      row.put("sparsity", round.sparsity()).put("score", finite(round.score()));
      row.put("drop", finite(drop(round))).put("epochs", round.epochs());
      row.put("bestEpoch", round.bestEpoch()).put("accepted", round.accepted());
      row.put("note", round.note());
    }
    root.put("chosen", chosen().map(PruningRound::number).orElse(null));
    root.put("complete", complete).put("reason", reason);
    return root.toPrettyString() + "\n";
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
