package io.github.dl4jpruning.rounds;

import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * One attempt of a pruner in rounds: pruned to a target, fine-tuned, scored.
 *
 * @param number the number of the attempt, from 1
 * @param target the target sparsity
 * @param sparsity the sparsity of the masks
 * @param score the best score of its epochs on validation data; NaN if training diverged
 * @param epochs the number of trained epochs
 * @param bestEpoch the epoch of the best score, from 1; 0 if there is none
 * @param accepted whether the score is good enough; if not, the network was restored
 * @param note the reason, as text
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
   * Writes this round into the state of a run.
   *
   * @param row the object to write into
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
   * @param row the object to read from
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
