/**
 * How do several replicas of one network keep the same masks? In one process, one of them leads and
 * makes the masks; the others wait for it and follow. A replica elsewhere holds masks that it is
 * given ({@code HeldMasks}).
 *
 * <p>Input: a pruning listener and the network that leads, or masks. Output: replicas with the same
 * removed weights after each round. Not allowed here: any particular trainer.
 */
@NullMarked
package io.github.dl4jpruning.replicas;

import org.jspecify.annotations.NullMarked;
