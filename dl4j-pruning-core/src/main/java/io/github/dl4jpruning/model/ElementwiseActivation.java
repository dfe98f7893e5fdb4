package io.github.dl4jpruning.model;

import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Activation functions of single numbers. */
public final class ElementwiseActivation {

  private static final String OWN = ActivationSoftmax.class.getPackageName();

  private ElementwiseActivation() {}

  /**
   * Returns the function of an activation that treats each unit separately.
   *
   * @param activation an activation of ND4J or of the user
   * @return the function (as at inference, if the activation is random in training); empty for a
   *     softmax, which depends on all units, and for unknown activations
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
