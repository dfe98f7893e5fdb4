/**
 * Charts of results.
 *
 * <p>Enters: a result of the core. Leaves: a PNG. Forbidden here: networks, and any figure that is
 * not in the result.
 */
@NullMarked
package io.github.dl4jpruning.charts;

import org.jspecify.annotations.NullMarked;
