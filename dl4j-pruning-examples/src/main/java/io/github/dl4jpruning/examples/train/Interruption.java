package io.github.dl4jpruning.examples.train;

/** Says a last word if the process is ended before its time, for instance by Ctrl-C. */
public final class Interruption implements AutoCloseable {

  private final Thread hook;

  private Interruption(Thread hook) {
    this.hook = hook;
  }

  /**
   * From now on until it is closed.
   *
   * @param message what to say, on the error output
   * @return what has to be closed when all went well
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
      // The process is ending already, and the message has its place.
    }
  }
}
