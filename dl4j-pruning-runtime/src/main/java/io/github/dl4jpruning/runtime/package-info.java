/**
 * How does a pruned network run without DL4J? A file becomes a {@link
 * io.github.dl4jpruning.runtime.SparseModel}: operations with the weights that are not zero, and
 * sessions with memory for one thread.
 *
 * <p>Input: a runtime file, and arrays of floats. Output: arrays of floats. Not allowed here: any
 * dependency, reflection, threads, and any API that Android 8 (API level 26) lacks.
 */
@NullMarked
package io.github.dl4jpruning.runtime;

import org.jspecify.annotations.NullMarked;
