/**
 * The seam to DL4J: the only room that knows networks and their arrays, and the only one that
 * writes to them.
 *
 * <p>Enters: a network, and masks for some of its parameters; or what a network was saved as.
 * Leaves: descriptions and copies of its parameters; in the network itself, parameters, gradients
 * and updater state that are exactly zero (or initial) where a mask says so; and a narrower network
 * that has only what masks keep. Forbidden here: any decision about what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.model;

import org.jspecify.annotations.NullMarked;
