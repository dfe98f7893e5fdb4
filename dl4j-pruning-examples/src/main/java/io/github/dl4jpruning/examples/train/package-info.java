/** Training runs: epochs, progress, history and checkpoints. */
@NullMarked
package io.github.dl4jpruning.examples.train;

import org.jspecify.annotations.NullMarked;
