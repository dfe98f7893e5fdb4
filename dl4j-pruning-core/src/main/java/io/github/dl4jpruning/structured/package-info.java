/**
 * How does a network become smaller by whole channels, in rounds? {@link
 * io.github.dl4jpruning.structured.StructuredPruner} ranks channels, takes out the least important
 * ones until the cost is low enough, and fine-tunes the smaller network.
 *
 * <p>Enters: a network, batches, a score, a cost. Leaves: a smaller network. How channels are
 * ranked is in {@code plan}, which channels belong together in {@code shrink}.
 */
@NullMarked
package io.github.dl4jpruning.structured;

import org.jspecify.annotations.NullMarked;
