package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningListener;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/**
 * The contents of a compact file.
 *
 * @param network a {@code MultiLayerNetwork} or a {@code ComputationGraph}
 * @param pruning the attached listener that continues pruning; empty if the file has no pruning
 *     state
 * @param normalizer the normaliser; empty if the file has none
 */
public record CompactModel(
    Model network, Optional<PruningListener> pruning, Optional<DataNormalization> normalizer) {}
