/**
 * Which weights go? This room decides it for one network and one moment: it reads tensors, scores
 * them, asks how many weights go from each tensor, and returns masks.
 *
 * <p>{@link io.github.dl4jpruning.plan.PruningChoices} says <em>what</em> is pruned. <em>When</em>
 * is not known here. A {@link io.github.dl4jpruning.plan.Planner} reads a network and changes
 * nothing in it.
 *
 * <p>Enters: choices, tensors, a sparsity. Leaves: masks, and what a criterion has to remember
 * between two updates. Forbidden here: schedules, listeners, and reading or writing files.
 */
@NullMarked
package io.github.dl4jpruning.plan;

import org.jspecify.annotations.NullMarked;
