/**
 * In how few bytes can a tensor be written? Blocks of elements become positions and values, each
 * packed in the way that is shortest for it; and values become fewer where that is asked for (half
 * precision, shared weights).
 *
 * <p>Enters and leaves: elements as raw bits, and bytes. Forbidden here: DL4J and ND4J classes, and
 * making room for a length that stands in the bytes before it has been checked.
 */
package io.github.dl4jpruning.compact;
