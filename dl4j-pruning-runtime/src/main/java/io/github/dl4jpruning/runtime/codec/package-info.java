/**
 * How are bytes of a file read safely? Sections with checksums, numbers and texts that are checked
 * before they are believed, and blocks of elements.
 *
 * <p>Input: bytes. Output: elements as raw bits. Not allowed here: any dependency, and allocating
 * memory for a length that was read before it has been checked.
 */
@NullMarked
package io.github.dl4jpruning.runtime.codec;

import org.jspecify.annotations.NullMarked;
