/**
 * Pruning of linear layers from the second moments of their inputs: which weights cost least, and
 * how the others make up for them. Plain arrays; nothing here knows DL4J.
 *
 * <p>A layer is y = W·x, with a row of W for each output. H is the second moment of x, centred
 * where a bias takes up the mean. A change of a row from w to v costs (v − w)ᵀ·H·(v − w), the mean
 * squared error of its output.
 */
@NullMarked
package io.github.dl4jpruning.reconstruct;

import org.jspecify.annotations.NullMarked;
