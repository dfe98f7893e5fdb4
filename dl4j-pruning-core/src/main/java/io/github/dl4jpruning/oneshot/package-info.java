/**
 * Pruning a trained network at once, without training, from a few hundred inputs: {@link
 * io.github.dl4jpruning.oneshot.OneShotPruner}.
 */
@NullMarked
package io.github.dl4jpruning.oneshot;

import org.jspecify.annotations.NullMarked;
