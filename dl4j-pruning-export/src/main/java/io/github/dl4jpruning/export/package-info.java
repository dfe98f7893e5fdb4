/**
 * How does a pruned network leave DL4J? A network becomes an {@link InferencePlan}: what it does at
 * inference, as a list of operations without anything that only training needs. Writers turn a plan
 * into files for other engines.
 *
 * <p>Input: a {@code MultiLayerNetwork} or a {@code ComputationGraph}, which is left as it is.
 * Output: plans and files. Not allowed here: training, and writing to a network.
 */
@NullMarked
package io.github.dl4jpruning.export;

import org.jspecify.annotations.NullMarked;
