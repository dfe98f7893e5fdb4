/**
 * What can go wrong while a network is pruned? This package detects conflicting listeners, networks
 * that diverge, and removed weights that something else has written to.
 *
 * <p>Enters: a network, its listeners and its masks. Leaves: warnings in the log, and errors.
 * Forbidden here: deciding what is pruned.
 */
@NullMarked
package io.github.dl4jpruning.watch;

import org.jspecify.annotations.NullMarked;
