package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningListener;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * What a compact file holds.
 *
 * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
 * @param pruning the listener that prunes it on, attached; empty if the file has no state of one
 * @param normalizer empty if the file has none
 */
public record CompactModel(
    Model network, Optional<PruningListener> pruning, Optional<DataNormalization> normalizer) {}
