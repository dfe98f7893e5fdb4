/** Training runs: epochs, what is shown meanwhile, and what is remembered of them. */
@NullMarked
package io.github.dl4jpruning.examples.train;

import org.jspecify.annotations.NullMarked;
