/** The networks of the examples, as in the literature on pruning. */
@NullMarked
package io.github.dl4jpruning.examples.network;

import org.jspecify.annotations.NullMarked;
