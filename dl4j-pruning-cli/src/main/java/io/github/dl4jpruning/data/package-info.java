/**
 * Data of one's own for networks: {@link io.github.dl4jpruning.data.LabelledData} opens tables,
 * images, sequences and saved batches, {@link io.github.dl4jpruning.data.SampleBatches} gives them
 * to a network, {@link io.github.dl4jpruning.data.Metric} says how good predictions are.
 */
@NullMarked
package io.github.dl4jpruning.data;

import org.jspecify.annotations.NullMarked;
