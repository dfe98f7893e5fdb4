/**
 * What total sparsity is due now? Pure functions of DL4J's own iteration and epoch counts.
 *
 * <p>Input: an iteration and an epoch, both 0-based. Output: a sparsity in [0, 1), and whether
 * masks change at that iteration. Not allowed here: networks, arrays, and all ND4J classes except
 * {@code ISchedule} and {@code ScheduleType} (and the annotations with which ND4J writes a schedule
 * as JSON).
 */
@NullMarked
package io.github.dl4jpruning.schedule;

import org.jspecify.annotations.NullMarked;
