/**
 * Pruning while DL4J's ParallelWrapper trains.
 *
 * <p>Input: a wrapper and a pruning listener. Output: the same wrapper, whose replicas all have the
 * same masks. Not allowed here: decisions about what is pruned, and arrays.
 */
@NullMarked
package io.github.dl4jpruning.parallel;

import org.jspecify.annotations.NullMarked;
