/**
 * What is in a compact file? A whole network in few bytes: configuration, parameters, and on
 * request the updater's state, a normaliser and the state of pruning. Also how large it is, and
 * weights that are trained to share a few values.
 *
 * <p>Enters: a network. Leaves: a file; and from a file, the network. Files may come from anyone,
 * so everything that is read is checked first. Forbidden here: how bytes are packed, which is the
 * business of {@code codec}.
 */
@NullMarked
package io.github.dl4jpruning.compact;

import org.jspecify.annotations.NullMarked;
