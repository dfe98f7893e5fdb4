/**
 * Which weights are removed? Patterns that group weights into units, packed masks, the exact
 * selection of the lowest scores, and the rules by which masks change.
 *
 * <p>Input: scores, the present masks, and the number of weights to remove. Output: new masks, with
 * exact counts and ties broken by flat index. Not allowed here: DL4J and ND4J classes.
 */
@NullMarked
package io.github.dl4jpruning.mask;

import org.jspecify.annotations.NullMarked;
