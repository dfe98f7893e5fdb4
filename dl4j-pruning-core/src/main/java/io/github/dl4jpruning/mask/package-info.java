/**
 * Which entries go? Patterns that make units of weights, packed masks, the exact selection of the
 * lowest scores, and the rules by which masks change.
 *
 * <p>Enters: scores, the masks that hold already, and the number of weights to remove. Leaves: new
 * masks, with exact counts and ties broken by flat index. Forbidden here: DL4J and ND4J classes.
 */
@NullMarked
package io.github.dl4jpruning.mask;

import org.jspecify.annotations.NullMarked;
