package io.github.dl4jpruning.runtime;

/** A model that does not fit together; the reader makes an {@code IOException} of it. */
final class ModelException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ModelException(String message) {
    super(message);
  }
}
