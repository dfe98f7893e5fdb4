package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;

/**
 * The weights of one tensor in groups that share a value. Sets all members of a group to their
 * mean, in the gradient and in the weights.
 */
public final class SharedValues {

  /** The group of elements that are zero and stay zero. */
  public static final short ZERO = 0;

  private final Network network;
  private final PrunableParameter parameter;

  /** The group of each element. */
  private final short[] groups;

  private final int[] sizes;

  /** A buffer that is reused. */
  private final double[] values;

  /**
   * Groups the weights of a parameter; nothing is written yet.
   *
   * @param network the network
   * @param parameter one of its parameters
   * @param groups the group of each element by flat index: {@link #ZERO}, or 1 and up
   * @param count the number of groups, without {@link #ZERO}
   */
  public SharedValues(
      NetworkParameters network, PrunableParameter parameter, short[] groups, int count) {
    this.network = network.network();
    this.parameter = parameter;
    this.groups = groups.clone();
    this.sizes = new int[count + 1];
    for (short group : groups) {
      sizes[group]++;
    }
    this.values = new double[parameter.length()];
  }

  /** Gives each weight the mean of its group; weights in {@link #ZERO} become zero. */
  public void shareWeights() {
    share(FlatValues.toWrite(network.parameters()));
  }

  /**
   * Gives each entry of the gradient the mean of its group. With the same learning rate, this is a
   * step of gradient descent on the shared values in the space of all weights. The gradient of
   * {@link #ZERO} becomes zero.
   */
  public void shareGradient() {
    share(FlatValues.toWrite(network.gradient()));
  }

  private void share(FlatValues vector) {
    long offset = parameter.offset();
    vector.copy(offset, values);
    double[] means = new double[sizes.length];
    for (int i = 0; i < values.length; i++) {
      means[groups[i]] += values[i];
    }
    for (int g = 1; g < means.length; g++) {
      means[g] /= sizes[g];
    }
    means[ZERO] = 0.0;
    for (int i = 0; i < values.length; i++) {
      double mean = means[groups[i]];
      // Compared by bits, since −0.0 is not a zero in a file.
      if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(mean)) {
        vector.set(offset + i, mean);
      }
    }
  }
}
