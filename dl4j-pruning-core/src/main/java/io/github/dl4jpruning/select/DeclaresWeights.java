package io.github.dl4jpruning.select;

import java.util.Map;

/**
 * Declares the weights of a layer that is not DL4J's own. If the configuration class of a custom
 * layer (or custom vertex) implements this interface, its weights are pruned and reported like
 * those of any other layer. Otherwise a custom layer is left dense and named in the report.
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
 * <p>Two kinds of custom layers need no declaration: layers that use a parameter initialiser of
 * DL4J (a subclass of {@code DenseLayer}, for instance), and SameDiff layers, which declare their
 * weights themselves, but not the meaning of the axes.
 */
public interface DeclaresWeights {

  /**
   * Returns the weights and the meaning of their axes.
   *
   * @return for the key of each weight, one letter per axis of its shape, as in {@link
   *     KernelLayout#of}: {@code o} outputs, {@code i} inputs, {@code c} both at once, {@code p}
   *     positions or unknown. Patterns (N:M, blocks, channels) use these meanings. A parameter
   *     whose key is missing is not a weight.
   */
  Map<String, String> weightAxes();
}
