/**
 * What do pruners that work in rounds have in common? A round prunes, trains again, scores each
 * epoch and keeps the best one. This room plans the rounds, trains an epoch, decides whether a
 * round is accepted, and keeps the file that says where a run stands.
 *
 * <p>Enters: settings, batches, scores. Leaves: the next target, accepted or not. Forbidden here:
 * making masks, and taking channels out.
 */
@NullMarked
package io.github.dl4jpruning.rounds;

import org.jspecify.annotations.NullMarked;
