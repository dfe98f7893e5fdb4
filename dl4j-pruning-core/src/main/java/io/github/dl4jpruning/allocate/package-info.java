/**
 * How many weights survive in each tensor? A total sparsity, shared out over tensors.
 *
 * <p>Enters: the sizes of the tensors and the sparsity that is due. Leaves: pools of tensors, each
 * with the exact number of weights to be removed in it. Forbidden here: DL4J and ND4J classes, and
 * the weights themselves.
 */
package io.github.dl4jpruning.allocate;
