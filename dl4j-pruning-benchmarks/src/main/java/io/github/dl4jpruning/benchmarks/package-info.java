/**
 * What pruning costs. Both sides of every comparison run alternately in one process, so that the
 * noise of a machine falls on both.
 */
@NullMarked
package io.github.dl4jpruning.benchmarks;

import org.jspecify.annotations.NullMarked;
