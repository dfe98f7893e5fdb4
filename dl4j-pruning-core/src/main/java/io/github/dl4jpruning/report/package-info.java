/**
 * What happened? Counts that were measured in the parameters, and the tables that show them.
 *
 * <p>Input: counts from a network. Output: rows, totals, text. Not allowed here: DL4J and ND4J
 * classes, and any number that was planned instead of measured.
 */
@NullMarked
package io.github.dl4jpruning.report;

import org.jspecify.annotations.NullMarked;
