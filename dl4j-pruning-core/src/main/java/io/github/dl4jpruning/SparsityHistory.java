package io.github.dl4jpruning;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Records every change of the masks, for a chart of sparsity per layer over time. Thread-safe: it
 * can be read while the network trains.
 *
 * <pre>{@code
 * SparsityHistory history = new SparsityHistory();
 * pruning.addEventListener(history);
 * }</pre>
 */
public final class SparsityHistory implements PruningEventListener {

  private final List<MasksUpdated> updates = new ArrayList<>();

  @Override
  public synchronized void onMasksUpdated(MasksUpdated event) {
    updates.add(event);
  }

  /**
   * Returns the recorded changes.
   *
   * @return the changes so far, oldest first
   */
  public synchronized List<MasksUpdated> updates() {
    return List.copyOf(updates);
  }

  /**
   * Returns the changes as JSON: {@code tensors} (names and weight counts) and {@code updates} (an
   * array of iteration, epoch, scheduled, sparsity, and {@code perTensor}, the sparsity of each
   * tensor in the order of {@code tensors}).
   *
   * @return JSON in one line
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ArrayNode tensors = root.putArray("tensors");
    ArrayNode rows = root.putArray("updates");
    for (MasksUpdated update : updates()) {
      if (tensors.isEmpty()) {
        for (TensorMask tensor : update.tensors()) {
          tensors.addObject().put("name", tensor.name()).put("weights", tensor.weights());
        }
      }
      ObjectNode row = rows.addObject();
      row.put("iteration", update.iteration()).put("epoch", update.epoch());
      row.put("scheduled", update.scheduled()).put("sparsity", update.sparsity());
      ArrayNode perTensor = row.putArray("perTensor");
      update.tensors().forEach(tensor -> perTensor.add(tensor.sparsity()));
    }
    return root.toString();
  }
}
