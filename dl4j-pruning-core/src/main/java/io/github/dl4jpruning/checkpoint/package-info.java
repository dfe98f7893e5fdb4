/**
 * How does a run resume? A network and the state of its pruning in one zip file that stock DL4J
 * reads too, and a listener that writes such files while a network trains.
 *
 * <p>Enters: a network and its pruning listener. Leaves: a file; and from a file, the network with
 * a listener that continues to the same bits. Forbidden here: deciding what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.checkpoint;

import org.jspecify.annotations.NullMarked;
