/**
 * What total sparsity is due now? Pure functions of DL4J's own iteration and epoch count.
 *
 * <p>Enters: an iteration and an epoch, both 0-based. Leaves: a sparsity in [0, 1), and whether
 * masks have to change at that iteration. Forbidden here: networks, arrays, and every ND4J class
 * but {@code ISchedule} and {@code ScheduleType} (and the annotations by which ND4J writes a
 * schedule as JSON).
 */
@NullMarked
package io.github.dl4jpruning.schedule;

import org.jspecify.annotations.NullMarked;
