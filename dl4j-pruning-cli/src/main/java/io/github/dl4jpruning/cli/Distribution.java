package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import java.util.Locale;

/** How sparsity is divided among the layers, by its name on the command line. */
public enum Distribution {
  /** The least important weights of all layers together. */
  GLOBAL,
  /** The same sparsity in each layer. */
  UNIFORM,
  /** Less in small layers. */
  ERDOS_RENYI_KERNEL,
  /** By scores that can be compared between layers. */
  LAMP;

  /**
   * Returns the distribution.
   *
   * @return the distribution of this name
   */
  public SparsityDistribution distribution() {
    return switch (this) {
      case GLOBAL -> SparsityDistribution.global();
      case UNIFORM -> SparsityDistribution.uniform();
      case ERDOS_RENYI_KERNEL -> SparsityDistribution.erdosRenyiKernel();
      case LAMP -> SparsityDistribution.lamp();
    };
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
