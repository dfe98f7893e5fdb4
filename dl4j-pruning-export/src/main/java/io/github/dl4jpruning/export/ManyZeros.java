package io.github.dl4jpruning.export;

/**
 * Finds the values of a plan that are often exactly zero: outputs of functions like ReLU, values
 * derived from them without arithmetic, and raw inputs, whose background is often zero. For such
 * values it pays to skip weights.
 */
final class ManyZeros {

  private ManyZeros() {}

  /** Returns a flag for each value. */
  static boolean[] of(InferencePlan plan) {
    int inputs = plan.inputs().size();
    boolean[] zeros = new boolean[inputs + plan.steps().size()];
    for (int i = 0; i < inputs; i++) {
      zeros[i] = plan.inputs().get(i).form() != InferencePlan.Form.SEQUENCE;
    }
    for (int i = 0; i < plan.steps().size(); i++) {
      InferencePlan.Step step = plan.steps().get(i);
      zeros[inputs + i] = gives(step.operation(), zeros[step.inputs().get(0)]);
    }
    return zeros;
  }

  private static boolean gives(Operation operation, boolean in) {
    if (operation instanceof Operation.Linear linear) {
      return linear.activation().givesZeros();
    } else if (operation instanceof Operation.Convolution convolution) {
      return convolution.activation().givesZeros();
    } else if (operation instanceof Operation.PerChannel scale) {
      return scale.activation().givesZeros();
    } else if (operation instanceof Operation.Combine combine) {
      return combine.activation().givesZeros();
    } else if (operation instanceof Operation.Activate activate) {
      return activate.activation().givesZeros() || (in && activate.activation().isIdentity());
    } else if (operation instanceof Operation.Pooling pooling) {
      return in && pooling.pool() == Operation.Pool.MAX;
    }
    return in
        && (operation instanceof Operation.Flatten
            || operation instanceof Operation.Unflatten
            || operation instanceof Operation.Concatenate
            || operation instanceof Operation.Channels);
  }
}
