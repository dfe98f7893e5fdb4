/**
 * Finds the best settings: a sweep over schedules, with successive halving, and a scan of how much
 * sparsity each layer tolerates.
 *
 * <p>Input: a network, batches, a score, a space of settings. Output: tables of results, and
 * proposals.
 */
@NullMarked
package io.github.dl4jpruning.tune;

import org.jspecify.annotations.NullMarked;
