/**
 * How is a configuration written down? Recipes: schedules, criteria, distributions, patterns, rules
 * and filters as JSON or YAML, by names that a person would write.
 *
 * <p>Enters: text, or values of the other rooms. Leaves: values, or text. A value that is refused
 * is refused with its path inside the recipe, what was expected and what was found. Forbidden here:
 * DL4J and ND4J classes (but for schedules and the shaded Jackson), and making anything from a
 * class name that stands in a file.
 */
@NullMarked
package io.github.dl4jpruning.recipe;

import org.jspecify.annotations.NullMarked;
