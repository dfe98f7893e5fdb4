/** Training runs: epochs, what is shown meanwhile, and what is remembered of them. */
package io.github.dl4jpruning.examples.train;
