/**
 * Charts of results.
 *
 * <p>Input: a result of the core. Output: a PNG. Not allowed here: networks, and any figure that is
 * not in the result.
 */
@NullMarked
package io.github.dl4jpruning.charts;

import org.jspecify.annotations.NullMarked;
