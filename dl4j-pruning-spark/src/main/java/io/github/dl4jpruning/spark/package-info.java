/**
 * How is a network pruned that trains on a cluster? The driver makes the masks, the workers hold
 * them.
 *
 * <p>Input: a network on Spark, a master that averages parameters, and data. Output: a network that
 * is pruned on all workers alike. Not allowed here: how masks are made, and any state on workers
 * that outlives a round.
 */
@NullMarked
package io.github.dl4jpruning.spark;

import org.jspecify.annotations.NullMarked;
