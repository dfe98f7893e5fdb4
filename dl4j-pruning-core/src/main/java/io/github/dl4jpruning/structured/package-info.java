/**
 * Removal of whole channels in rounds. {@link io.github.dl4jpruning.structured.StructuredPruner}
 * ranks channels, removes the least important ones until the cost is low enough, and fine-tunes the
 * smaller network.
 *
 * <p>Input: a network, batches, a score, a cost. Output: a smaller network. The ranking of channels
 * is in {@code plan}, the coupling of channels in {@code shrink}.
 */
@NullMarked
package io.github.dl4jpruning.structured;

import org.jspecify.annotations.NullMarked;
