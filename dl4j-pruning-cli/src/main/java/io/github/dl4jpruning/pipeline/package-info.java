/**
 * What the commands do, as a library: {@link io.github.dl4jpruning.pipeline.Pruning} goes the whole
 * way from a dense network to a small one, in steps that are saved, and {@link
 * io.github.dl4jpruning.pipeline.PruningReport} shows the result as a page. {@link
 * io.github.dl4jpruning.pipeline.SensitivityJob}, {@link io.github.dl4jpruning.pipeline.SweepJob},
 * {@link io.github.dl4jpruning.pipeline.ShrinkJob}, {@link
 * io.github.dl4jpruning.pipeline.CompressJob} and {@link io.github.dl4jpruning.pipeline.ExportJob}
 * are single steps.
 */
@NullMarked
package io.github.dl4jpruning.pipeline;

import org.jspecify.annotations.NullMarked;
