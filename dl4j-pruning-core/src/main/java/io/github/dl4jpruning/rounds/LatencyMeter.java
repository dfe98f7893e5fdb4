package io.github.dl4jpruning.rounds;

import io.github.dl4jpruning.report.Speedup;
import org.deeplearning4j.nn.api.Model;

/**
 * Times two networks where they will run: in another engine, or on another device. {@code
 * RuntimeLatency} in {@code dl4j-pruning-export} is an implementation.
 */
@FunctionalInterface
public interface LatencyMeter {

  /**
   * Times two networks in alternation, so that slow moments of the machine affect both.
   *
   * @param before the dense network; not changed
   * @param after a smaller network; not changed
   * @return the times of both, in milliseconds
   */
  Speedup compare(Model before, Model after);
}
