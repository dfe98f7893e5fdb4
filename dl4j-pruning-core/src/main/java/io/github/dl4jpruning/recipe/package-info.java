/**
 * Recipes: schedules, criteria, distributions, patterns, rules and filters as JSON or YAML, with
 * names that a person would write.
 *
 * <p>Input: text, or values of the other packages. Output: values, or text. The message for an
 * invalid value has its path in the recipe, what was expected and what was found. Not allowed here:
 * DL4J and ND4J classes (except schedules and the shaded Jackson), and creating anything from a
 * class name in a file.
 */
@NullMarked
package io.github.dl4jpruning.recipe;

import org.jspecify.annotations.NullMarked;
