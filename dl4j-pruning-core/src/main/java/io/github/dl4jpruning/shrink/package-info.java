/**
 * Structured pruning: which channels must be removed together, and the smaller network without
 * them.
 *
 * <p>Input: a network. Output: groups of coupled channels, masks for everything that belongs to
 * them, and a new network without them. The network is first read into a {@link
 * io.github.dl4jpruning.shrink.Flow}, which is independent of DL4J and on which coupled, constant
 * and removable channels are found. Not allowed here: deciding which channels matter, and writing
 * to arrays.
 */
@NullMarked
package io.github.dl4jpruning.shrink;

import org.jspecify.annotations.NullMarked;
