/**
 * Random networks for tests, made of all kinds of layers.
 *
 * <p>Input: a seed. Output: networks and data. Not allowed here: all other classes of this project.
 */
@NullMarked
package io.github.dl4jpruning.testing.networks;

import org.jspecify.annotations.NullMarked;
