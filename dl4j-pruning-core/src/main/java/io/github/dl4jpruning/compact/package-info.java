/**
 * What is in a compact file? A whole network in few bytes: configuration, parameters, and on
 * request the updater state, a normaliser and the pruning state. The package also reports sizes and
 * trains weights that share a few values.
 *
 * <p>Input: a network. Output: a file; and from a file, the network. Files need not be trusted, so
 * everything that is read is checked first. Not allowed here: packing bytes, which belongs to
 * {@code codec}.
 */
@NullMarked
package io.github.dl4jpruning.compact;

import org.jspecify.annotations.NullMarked;
