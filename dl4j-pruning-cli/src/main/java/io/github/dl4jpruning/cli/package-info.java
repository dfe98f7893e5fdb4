/**
 * The program {@code dl4j-pruning}: {@link io.github.dl4jpruning.cli.PruneCommand} makes a model
 * small, {@link io.github.dl4jpruning.cli.InspectCommand} shows what a model is and what can be
 * done with it, {@link io.github.dl4jpruning.cli.EvaluateCommand} how good its predictions are.
 */
@NullMarked
package io.github.dl4jpruning.cli;

import org.jspecify.annotations.NullMarked;
