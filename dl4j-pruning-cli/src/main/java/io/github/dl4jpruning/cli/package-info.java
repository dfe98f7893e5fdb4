/**
 * The program {@code dl4j-pruning}. {@link io.github.dl4jpruning.cli.PruneCommand} goes the whole
 * way from a model to a small one. The other commands are steps of it, on any model and data:
 * {@link io.github.dl4jpruning.cli.InspectCommand}, {@link
 * io.github.dl4jpruning.cli.EvaluateCommand}, {@link io.github.dl4jpruning.cli.SensitivityCommand},
 * {@link io.github.dl4jpruning.cli.OneShotCommand}, {@link io.github.dl4jpruning.cli.SweepCommand},
 * {@link io.github.dl4jpruning.cli.ScheduleCommand}, {@link
 * io.github.dl4jpruning.cli.ShrinkCommand}, {@link io.github.dl4jpruning.cli.CompressCommand},
 * {@link io.github.dl4jpruning.cli.ExportCommand}.
 */
@NullMarked
package io.github.dl4jpruning.cli;

import org.jspecify.annotations.NullMarked;
