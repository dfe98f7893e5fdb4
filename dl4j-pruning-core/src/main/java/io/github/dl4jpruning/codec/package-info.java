/**
 * How is a tensor written in few bytes? Blocks of elements become positions and values, each in its
 * shortest encoding. On request, values are coarsened (half precision, clusters). Blocks are
 * collected into sections with checksums.
 *
 * <p>Input and output: elements as raw bits, and bytes. Not allowed here: DL4J and ND4J classes,
 * Java serialisation, and allocating memory for a length from a file before the length is checked.
 */
@NullMarked
package io.github.dl4jpruning.codec;

import org.jspecify.annotations.NullMarked;
