/**
 * How important is each weight? Importance criteria over plain arrays.
 *
 * <p>Enters: the weights of one tensor. Leaves: one score per weight, higher for what should stay.
 * Forbidden here: DL4J and ND4J classes, and any decision about how many weights go.
 */
package io.github.dl4jpruning.score;
