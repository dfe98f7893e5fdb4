package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;

/**
 * The weights of one tensor in groups, each of which has one value. Written here: the mean of a
 * group to all its members, in the gradient and in the weights.
 */
public final class SharedValues {

  /** The group of what is zero, and stays so. */
  public static final short ZERO = 0;

  private final Network network;
  private final PrunableParameter parameter;

  /** The group of each element. */
  private final short[] groups;

  private final int[] sizes;

  /** What is read at a time, kept to be used again. */
  private final double[] values;

  /**
   * Groups some weights; nothing is written yet.
   *
   * @param network the network
   * @param parameter one of its parameters
   * @param groups the group of each element by flat index, {@link #ZERO} or from 1 on
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

  /** Gives each weight the mean of its group; zeros become zero. */
  public void shareWeights() {
    share(FlatValues.toWrite(network.parameters()));
  }

  /**
   * Gives each entry of the gradient the mean of its group: for the same learning rate, a step of
   * gradient descent on the shared values in the space of all weights. The gradient of zeros is
   * zero.
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
      // Compared by their bits: −0.0 is no zero in a file.
      if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(mean)) {
        vector.set(offset + i, mean);
      }
    }
  }
}
