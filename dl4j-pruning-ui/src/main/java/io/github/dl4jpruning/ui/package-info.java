/**
 * A page of DL4J's training UI with the sparsity of each layer over time.
 *
 * <p>Enters: pruning listeners to show. Leaves: a page and its data over HTTP. Forbidden here:
 * networks and arrays.
 */
@NullMarked
package io.github.dl4jpruning.ui;

import org.jspecify.annotations.NullMarked;
