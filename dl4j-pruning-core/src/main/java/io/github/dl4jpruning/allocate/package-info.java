/**
 * How many weights are kept in each tensor? A total sparsity is distributed over tensors.
 *
 * <p>Input: the tensors with their scores, and the sparsity that the schedule requires. Output:
 * pools of tensors, each with the number of weights to remove and the least that each tensor keeps.
 * Not allowed here: DL4J and ND4J classes, and the choice of single weights.
 */
@NullMarked
package io.github.dl4jpruning.allocate;

import org.jspecify.annotations.NullMarked;
