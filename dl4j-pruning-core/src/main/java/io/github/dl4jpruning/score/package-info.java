/**
 * How important is each weight? Importance criteria over plain arrays.
 *
 * <p>Enters: what is known of one tensor (weights, gradients, what was remembered). Leaves: one
 * score per weight, higher for what should stay. Forbidden here: DL4J and ND4J classes, state, and
 * any decision about how many weights go.
 */
@NullMarked
package io.github.dl4jpruning.score;

import org.jspecify.annotations.NullMarked;
