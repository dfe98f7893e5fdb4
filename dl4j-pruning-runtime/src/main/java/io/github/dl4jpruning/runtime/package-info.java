/**
 * How does a pruned network run without DL4J? A file becomes a {@link
 * io.github.dl4jpruning.runtime.SparseModel}: operations with the weights that are not zero, and
 * sessions with memory for one thread.
 *
 * <p>Input: a runtime file, and arrays of floats. Output: arrays of floats. Not allowed here: every
 * dependency, reflection, threads, and what Android does not have from API level 26 on.
 */
@NullMarked
package io.github.dl4jpruning.runtime;

import org.jspecify.annotations.NullMarked;
