package io.github.dl4jpruning.reconstruct;

/** A matrix of second moments cannot be inverted: inputs are constant, or depend on others. */
public final class SingularMatrixException extends ArithmeticException {

  private static final long serialVersionUID = 1L;

  SingularMatrixException(int index) {
    super(
        "expected second moments that can be inverted, but input "
            + index
            + " is constant or follows from others; damping above 0 helps");
  }
}
