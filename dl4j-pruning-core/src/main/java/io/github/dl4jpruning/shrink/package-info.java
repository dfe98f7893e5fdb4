/**
 * Structured pruning: which channels have to go together, and the smaller network without them.
 *
 * <p>Enters: a network. Leaves: groups of coupled channels, masks for all that belongs to some of
 * them, and a new network that has them no more. The network is first read into a {@link
 * io.github.dl4jpruning.shrink.Flow}, which knows nothing of DL4J; what is coupled, what is
 * constant and what may go is worked out there. Forbidden here: which channels matter, and any
 * writing to arrays.
 */
@NullMarked
package io.github.dl4jpruning.shrink;

import org.jspecify.annotations.NullMarked;
