/**
 * The common parts of pruners that work in rounds. A round prunes, fine-tunes, scores each epoch
 * and keeps the best one. This package plans the rounds, trains an epoch, decides whether a round
 * is accepted, and keeps the file with the state of a run.
 *
 * <p>Input: settings, batches, scores. Output: the next target, accepted or not. Not allowed here:
 * making masks, and removing channels.
 */
@NullMarked
package io.github.dl4jpruning.rounds;

import org.jspecify.annotations.NullMarked;
