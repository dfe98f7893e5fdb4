/**
 * The interface to DL4J: the only package that knows networks and their arrays, and the only one
 * that writes to them.
 *
 * <p>Input: a network and masks for some of its parameters, or a saved network. Output:
 * descriptions and copies of its parameters; in the network itself, parameters and gradients that
 * are exactly zero, and updater state that is initial, where a mask removes weights; and a narrower
 * network that has only what masks keep. Not allowed here: any decision about what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.model;

import org.jspecify.annotations.NullMarked;
