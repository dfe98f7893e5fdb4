/**
 * Data of one's own for networks: {@link io.github.dl4jpruning.data.TabularData} reads CSV files,
 * {@link io.github.dl4jpruning.data.Metric} says how good predictions are.
 */
@NullMarked
package io.github.dl4jpruning.data;

import org.jspecify.annotations.NullMarked;
