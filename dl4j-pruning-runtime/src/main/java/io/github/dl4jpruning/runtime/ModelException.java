package io.github.dl4jpruning.runtime;

/** Thrown if parts of a model do not fit; the reader turns it into an {@code IOException}. */
final class ModelException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ModelException(String message) {
    super(message);
  }
}
