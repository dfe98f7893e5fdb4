/** The networks of the examples, as in the literature on pruning. */
package io.github.dl4jpruning.examples.network;
