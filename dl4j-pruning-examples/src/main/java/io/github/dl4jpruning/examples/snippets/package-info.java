/**
 * Programs to copy: each is one file with one way to prune a network. Replace {@link
 * io.github.dl4jpruning.examples.snippets.Digits} by your own network and data.
 *
 * <p>Run one with {@code mvn -q compile exec:java
 * -Dexec.mainClass=io.github.dl4jpruning.examples.snippets.PruneInRounds}.
 */
@NullMarked
package io.github.dl4jpruning.examples.snippets;

import org.jspecify.annotations.NullMarked;
