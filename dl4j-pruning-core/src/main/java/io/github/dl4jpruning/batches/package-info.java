/**
 * What is trained on? Batches of either of DL4J's two kinds, counted resets, and labels that a
 * teacher has mixed its answers into.
 *
 * <p>Enters: iterators. Leaves: trained networks, gradients, times. Forbidden here: masks, and
 * writing to parameters other than by DL4J's own training.
 */
@NullMarked
package io.github.dl4jpruning.batches;

import org.jspecify.annotations.NullMarked;
