/**
 * How many weights survive in each tensor? A total sparsity, shared out over tensors.
 *
 * <p>Enters: the tensors with their scores, and what the schedule asks for. Leaves: pools of
 * tensors, each with the number of weights to be removed in it and what its tensors keep in any
 * case. Forbidden here: DL4J and ND4J classes, and the choice of single weights.
 */
@NullMarked
package io.github.dl4jpruning.allocate;

import org.jspecify.annotations.NullMarked;
