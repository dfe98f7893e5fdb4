/**
 * Pruning in rounds, as far as the score allows. {@link
 * io.github.dl4jpruning.iterative.IterativePruner} prunes single weights (or any other pattern),
 * fine-tunes, scores, and takes back a round that costs too much.
 *
 * <p>Input: a network, batches, a score. Output: the sparsest network that is good enough. The plan
 * of rounds and the rule for scores are in {@code rounds}.
 */
@NullMarked
package io.github.dl4jpruning.iterative;

import org.jspecify.annotations.NullMarked;
