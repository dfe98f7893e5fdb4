/**
 * What happened? Counts that were measured in the parameters, and the tables that show them.
 *
 * <p>Enters: counts from a network. Leaves: rows, totals, text. Forbidden here: DL4J and ND4J
 * classes, and any number that was planned instead of measured.
 */
@NullMarked
package io.github.dl4jpruning.report;

import org.jspecify.annotations.NullMarked;
