/**
 * How are files written? Whole or not at all, under one lock for each folder. The pruning state is
 * written with a version and a checksum.
 *
 * <p>Input and output: values, streams and paths. Not allowed here: DL4J and ND4J classes, Java
 * serialisation, and allocating memory for a length from a file before the length is checked.
 */
@NullMarked
package io.github.dl4jpruning.io;

import org.jspecify.annotations.NullMarked;
