/**
 * Training data: batches from either of DL4J's two kinds of iterators, counted resets, and labels
 * mixed with the outputs of a teacher.
 *
 * <p>Input: iterators. Output: trained networks, gradients, times. Not allowed here: masks, and
 * writing to parameters other than by DL4J's own training.
 */
@NullMarked
package io.github.dl4jpruning.batches;

import org.jspecify.annotations.NullMarked;
