/**
 * A page of DL4J's training UI with the sparsity of each layer over time.
 *
 * <p>Input: pruning listeners to show. Output: a page and its data over HTTP. Not allowed here:
 * networks and arrays.
 */
@NullMarked
package io.github.dl4jpruning.ui;

import org.jspecify.annotations.NullMarked;
