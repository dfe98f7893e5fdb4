/**
 * How are files written? Whole or not at all, under one lock for each folder; and how is the state
 * of pruning written: versioned, with a checksum.
 *
 * <p>Enters and leaves: values, streams and paths. Forbidden here: DL4J and ND4J classes, Java
 * serialisation, and allocating memory for a length that was read before it has been checked.
 */
@NullMarked
package io.github.dl4jpruning.io;

import org.jspecify.annotations.NullMarked;
