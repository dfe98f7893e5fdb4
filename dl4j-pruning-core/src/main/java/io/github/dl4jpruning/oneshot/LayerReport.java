package io.github.dl4jpruning.oneshot;

/**
 * What happened to a layer.
 *
 * @param layer its name
 * @param type its kind, the simple class name of its configuration
 * @param weights the number of its weights that could be removed
 * @param removed how many of them are removed
 * @param before the mean squared error of its output without correction, compared with the dense
 *     network, as a part of the variance; NaN if its outputs are no product of its weights and
 *     inputs that could be seen
 * @param after the same with the weights as they are now
 * @param corrected whether the weights that stay were corrected
 * @param millis how long it took
 */
public record LayerReport(
    String layer,
    String type,
    long weights,
    long removed,
    double before,
    double after,
    boolean corrected,
    long millis) {}
