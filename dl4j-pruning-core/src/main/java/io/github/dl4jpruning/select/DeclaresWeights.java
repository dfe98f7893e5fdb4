package io.github.dl4jpruning.select;

import java.util.Map;

/**
 * Declares the weights of a layer that is not DL4J's own. The configuration class of a custom layer
 * (or of a custom vertex) implements it, and its weights are pruned and reported like those of any
 * other; a custom layer that does not is left dense and named in the report.
 *
 * <pre>{@code
 * public class MyLayer extends FeedForwardLayer implements DeclaresWeights {
 *   public Map<String, String> weightAxes() {
 *     return Map.of("V", "io"); // V is [inputs, outputs]
 *   }
 *   ...
 * }
 * }</pre>
 *
 * <p>Two kinds of custom layers need no declaration: one that uses a parameter initialiser of DL4J
 * (a subclass of {@code DenseLayer}, for instance), and one built on SameDiff, whose own
 * declaration of weights is taken, without the meaning of their axes.
 */
public interface DeclaresWeights {

  /**
   * The weights, and what their axes mean.
   *
   * @return for each key of a weight one letter per axis of its shape, as in {@link
   *     KernelLayout#of}: {@code o} outputs, {@code i} inputs, {@code c} both at once, {@code p}
   *     positions or unknown; patterns (N:M, blocks, channels) go by them. A key that is not there
   *     is no weight.
   */
  Map<String, String> weightAxes();
}
