package io.github.dl4jpruning.console;

/** Prints a message if the process is ended early, for instance by Ctrl-C. */
public final class Interruption implements AutoCloseable {

  private final Thread hook;

  private Interruption(Thread hook) {
    this.hook = hook;
  }

  /**
   * Starts to watch for an early end, until the result is closed.
   *
   * @param message the message, for the error output
   * @return the watch, to be closed when all went well
   */
  public static Interruption say(String message) {
    Thread hook = new Thread(() -> System.err.println("\n" + message));
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interruption(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is already ending, so the message is due.
    }
  }
}
