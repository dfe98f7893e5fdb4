/**
 * How important is each weight? Importance criteria over plain arrays.
 *
 * <p>Input: the data of one tensor (weights, gradients, recorded values). Output: one score per
 * weight, higher for weights that should be kept. Not allowed here: DL4J and ND4J classes, state,
 * and any decision about how many weights are removed.
 */
@NullMarked
package io.github.dl4jpruning.score;

import org.jspecify.annotations.NullMarked;
