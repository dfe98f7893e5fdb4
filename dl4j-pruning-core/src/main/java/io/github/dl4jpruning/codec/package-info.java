/**
 * In how few bytes can a tensor be written? Blocks of elements become positions and values, each
 * packed in the way that is shortest for it; values become fewer where that is asked for (half
 * precision, clusters). Blocks are put into sections with checksums.
 *
 * <p>Enters and leaves: elements as raw bits, and bytes. Forbidden here: DL4J and ND4J classes,
 * Java serialisation, and allocating memory for a length that was read before it has been checked.
 */
@NullMarked
package io.github.dl4jpruning.codec;

import org.jspecify.annotations.NullMarked;
