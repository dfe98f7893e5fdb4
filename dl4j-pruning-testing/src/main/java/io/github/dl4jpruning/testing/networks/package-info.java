/**
 * Which networks do tests try? Random ones, made of all kinds of layers.
 *
 * <p>Enters: a seed. Leaves: networks and data. Forbidden here: everything of this project.
 */
@NullMarked
package io.github.dl4jpruning.testing.networks;

import org.jspecify.annotations.NullMarked;
