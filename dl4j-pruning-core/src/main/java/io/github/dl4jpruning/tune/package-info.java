/**
 * Which settings are best? A sweep over schedules, with successive halving, and a scan of how much
 * each layer can lose.
 *
 * <p>Enters: a network, batches, a score, a space of settings. Leaves: tables of results, and
 * proposals.
 */
@NullMarked
package io.github.dl4jpruning.tune;

import org.jspecify.annotations.NullMarked;
