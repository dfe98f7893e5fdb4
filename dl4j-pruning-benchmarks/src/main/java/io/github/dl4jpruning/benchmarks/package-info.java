/**
 * Benchmarks of the cost of pruning. Both sides of every comparison run alternately in one process,
 * so that machine noise affects both.
 */
@NullMarked
package io.github.dl4jpruning.benchmarks;

import org.jspecify.annotations.NullMarked;
