/**
 * Random networks for tests, made of all kinds of layers.
 *
 * <p>Enters: a seed. Leaves: networks and data. Forbidden here: all other classes of this project.
 */
@NullMarked
package io.github.dl4jpruning.testing.networks;

import org.jspecify.annotations.NullMarked;
