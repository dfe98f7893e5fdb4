/**
 * What can go wrong while a network is pruned? This package detects conflicting listeners, networks
 * that diverge, and removed weights that something else has written to.
 *
 * <p>Input: a network, its listeners and its masks. Output: warnings in the log, and errors. Not
 * allowed here: deciding what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.watch;

import org.jspecify.annotations.NullMarked;
