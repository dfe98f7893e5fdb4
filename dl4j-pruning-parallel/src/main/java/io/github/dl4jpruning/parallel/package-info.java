/**
 * Pruning while DL4J's ParallelWrapper trains.
 *
 * <p>Enters: a wrapper and a pruning listener. Leaves: the same wrapper, whose replicas all have
 * the same masks. Forbidden here: decisions about what is pruned, and arrays.
 */
@NullMarked
package io.github.dl4jpruning.parallel;

import org.jspecify.annotations.NullMarked;
