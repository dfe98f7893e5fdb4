/**
 * How does a run resume? A zip file, which stock DL4J can read too, holds a network and its pruning
 * state. A listener writes such files during training.
 *
 * <p>Input: a network and its pruning listener. Output: a file; and from a file, the network with a
 * listener that continues bit for bit. Not allowed here: deciding what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.checkpoint;

import org.jspecify.annotations.NullMarked;
