/**
 * Pictures of results.
 *
 * <p>Enters: a result of the core. Leaves: a PNG. Forbidden here: networks, and any figure that the
 * result does not hold.
 */
@NullMarked
package io.github.dl4jpruning.charts;

import org.jspecify.annotations.NullMarked;
