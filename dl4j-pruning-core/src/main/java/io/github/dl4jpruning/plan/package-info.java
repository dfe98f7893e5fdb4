/**
 * Decides which weights are removed, for one network at one moment: reads tensors, scores them,
 * distributes the sparsity over them, and returns masks.
 *
 * <p>{@link io.github.dl4jpruning.plan.PruningChoices} says <em>what</em> is pruned. <em>When</em>
 * is not known here. A {@link io.github.dl4jpruning.plan.Planner} reads a network but does not
 * change it.
 *
 * <p>Input: choices, tensors, a sparsity. Output: masks, and the memory of a criterion between
 * updates. Not allowed here: schedules, listeners, and reading or writing files.
 */
@NullMarked
package io.github.dl4jpruning.plan;

import org.jspecify.annotations.NullMarked;
