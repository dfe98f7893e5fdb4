package io.github.dl4jpruning.model;

import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Activation functions, one number at a time. */
public final class ElementwiseActivation {

  private static final String OWN = ActivationSoftmax.class.getPackageName();

  private ElementwiseActivation() {}

  /**
   * The function of an activation that looks at each unit alone.
   *
   * @param activation one of ND4J's, or a user's
   * @return what it gives for a number (at inference, where chance plays a part in training); empty
   *     for a softmax, which looks at all units, and for what is not known
   */
  public static Optional<DoubleUnaryOperator> of(IActivation activation) {
    boolean known =
        activation.getClass().getPackageName().equals(OWN)
            && !(activation instanceof ActivationSoftmax);
    return known ? Optional.of(x -> apply(activation, x)) : Optional.empty();
  }

  private static double apply(IActivation activation, double x) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray one = Nd4j.createFromArray(new double[][] {{x}});
      return activation.getActivation(one, false).getDouble(0);
    }
  }
}
