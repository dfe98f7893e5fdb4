package io.github.dl4jpruning.score;

/**
 * What a criterion sees of one parameter tensor.
 *
 * @param name layer and key, for instance {@code layer0.W}
 * @param weights its values by flat index, converted to double without loss; a copy
 */
@SuppressWarnings("ArrayRecordComponent") // a view for the length of one call, never compared
public record WeightTensor(String name, double[] weights) {}
