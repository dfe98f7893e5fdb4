package io.github.dl4jpruning;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Remembers every change of the masks, for a chart of sparsity per layer over time. Thread-safe: it
 * may be read while the network trains.
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
   * What has happened.
   *
   * @return the changes until now, the first one first
   */
  public synchronized List<MasksUpdated> updates() {
    return List.copyOf(updates);
  }

  /**
   * The changes as JSON: {@code tensors} (names and numbers of weights) and {@code updates} (an
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
