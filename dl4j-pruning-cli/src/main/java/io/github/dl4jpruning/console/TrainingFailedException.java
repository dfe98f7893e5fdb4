package io.github.dl4jpruning.console;

/**
 * Signals that training cannot continue, because of the values that it was given: the loss is no
 * longer finite.
 */
public final class TrainingFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what may help
   */
  public TrainingFailedException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what happened, where, and what may help
   * @param cause the exception that reported the failure
   */
  public TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
