package io.github.dl4jpruning.testing.networks;

import java.util.Random;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.Activation;

/**
 * What one sequence of random numbers chooses. The order of the draws decides the network, so all
 * classes of this package draw from the same sequence.
 */
final class Draws {

  private static final Activation[] ACTIVATIONS = {
    Activation.RELU,
    Activation.SIGMOID,
    Activation.TANH,
    Activation.IDENTITY,
    Activation.LEAKYRELU,
    Activation.ELU,
    Activation.SOFTPLUS,
    Activation.SOFTMAX,
    Activation.HARDSIGMOID,
    Activation.GELU
  };

  private final Random random;

  Draws(long seed) {
    this.random = new Random(seed);
  }

  boolean nextBoolean() {
    return random.nextBoolean();
  }

  int nextInt(int bound) {
    return random.nextInt(bound);
  }

  long nextLong() {
    return random.nextLong();
  }

  <T> T oneOf(T[] values) {
    return values[random.nextInt(values.length)];
  }

  int width() {
    return 2 + random.nextInt(5);
  }

  Activation activation() {
    return oneOf(ACTIVATIONS);
  }

  boolean sometimes() {
    return random.nextInt(4) == 0;
  }

  PoolingType pooling() {
    return oneOf(PoolingType.values());
  }
}
