package org.nd4j.nativeblas;

/**
 * A bridge to ND4J's native environment, at the place where DL4J 1.0.0-M2.1 looks for it. The class
 * has moved to {@code org.nd4j.linalg.cpu.nativecpu.bindings}. DL4J's convolutions do not find it
 * there, assume that oneDNN is missing, and unfold each image in plain loops. With this class they
 * use oneDNN, and a convolutional network trains at least five times as fast. See
 * docs/design-decisions.md.
 */
public final class Nd4jCpu {

  private Nd4jCpu() {}

  /** The class that DL4J calls by reflection. */
  public static final class Environment {

    private static final Environment INSTANCE = new Environment();

    private Environment() {}

    /**
     * Returns the environment.
     *
     * @return the only instance
     */
    public static Environment getInstance() {
      return INSTANCE;
    }

    /**
     * Returns whether ND4J's native library was built with oneDNN.
     *
     * @return the answer of the class at its new place
     */
    public boolean isUseMKLDNN() {
      return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance().isUseONEDNN();
    }
  }
}
