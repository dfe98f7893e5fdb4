package io.github.dl4jpruning.rounds;

import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * One attempt of a pruner in rounds: pruned to a target, trained again, scored.
 *
 * @param number counts all attempts, from 1
 * @param target the sparsity that was asked for
 * @param sparsity the sparsity that the masks have
 * @param score the best score of its epochs on validation data; NaN if training diverged
 * @param epochs epochs that were trained
 * @param bestEpoch the epoch of the best score, from 1; 0 if there is none
 * @param accepted whether the score is good enough; where not, the network went back to what it was
 *     before
 * @param note why, in words
 */
public record PruningRound(
    int number,
    double target,
    double sparsity,
    double score,
    int epochs,
    int bestEpoch,
    boolean accepted,
    String note) {

  /**
   * Writes it as a part of the state of a run.
   *
   * @param row where to
   */
  public void putTo(ObjectNode row) {
    row.put("number", number).put("target", target);
    row.put("sparsity", sparsity).put("score", score);
    row.put("epochs", epochs).put("bestEpoch", bestEpoch);
    row.put("accepted", accepted).put("note", note);
  }

  /**
   * Reads what {@link #putTo} wrote.
   *
   * @param row where from
   * @return the round
   */
  public static PruningRound of(JsonNode row) {
    return new PruningRound(
        row.path("number").asInt(),
        row.path("target").asDouble(),
        row.path("sparsity").asDouble(),
        row.path("score").asDouble(Double.NaN),
        row.path("epochs").asInt(),
        row.path("bestEpoch").asInt(),
        row.path("accepted").asBoolean(),
        row.path("note").asText());
  }
}
