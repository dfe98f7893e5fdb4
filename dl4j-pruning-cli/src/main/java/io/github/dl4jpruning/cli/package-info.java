/**
 * Commands for models of one's own. {@link io.github.dl4jpruning.cli.InspectCommand} shows what a
 * model is and what can be done with it, {@link io.github.dl4jpruning.cli.EvaluateCommand} how good
 * its predictions are.
 */
@NullMarked
package io.github.dl4jpruning.cli;

import org.jspecify.annotations.NullMarked;
