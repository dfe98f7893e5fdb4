package io.github.dl4jpruning.structured;

import io.github.dl4jpruning.report.Speedup;
import org.deeplearning4j.nn.api.Model;

/**
 * Times two networks where they will run: in another engine, on another device. {@code
 * RuntimeLatency} of {@code dl4j-pruning-export} is one.
 */
@FunctionalInterface
public interface LatencyMeter {

  /**
   * Times two networks by turns, so that a slow moment of the machine falls on both.
   *
   * @param before the dense network; left as it is
   * @param after a smaller one; left as it is
   * @return the times of both, in milliseconds
   */
  Speedup compare(Model before, Model after);
}
