/**
 * The whole way from a dense network to a small one, in steps that are saved: {@link
 * io.github.dl4jpruning.pipeline.PruneJob} runs them, {@link
 * io.github.dl4jpruning.pipeline.PruningReport} shows the result as a page.
 */
@NullMarked
package io.github.dl4jpruning.pipeline;

import org.jspecify.annotations.NullMarked;
