/**
 * What happened? Counts that were measured from parameters, and the tables that show them.
 *
 * <p>Enters: numbers that were counted in a network. Leaves: rows, totals, text. Forbidden here:
 * DL4J and ND4J classes, and any number that comes from intent instead of measurement.
 */
@NullMarked
package io.github.dl4jpruning.report;

import org.jspecify.annotations.NullMarked;
