package io.github.dl4jpruning.examples.train;

/**
 * Training that cannot go on, because of the values it was given: a loss that is no number any
 * more.
 */
public final class TrainingFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * A failure.
   *
   * @param message what happened, where, and what may help
   */
  public TrainingFailedException(String message) {
    super(message);
  }

  /**
   * A failure that something else has told of.
   *
   * @param message what happened, where, and what may help
   * @param cause what told
   */
  public TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
