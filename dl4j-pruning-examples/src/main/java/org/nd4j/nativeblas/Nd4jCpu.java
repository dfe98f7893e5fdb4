package org.nd4j.nativeblas;

/**
 * Where DL4J 1.0.0-M2.1 looks for ND4J's native environment: the class has moved to {@code
 * org.nd4j.linalg.cpu.nativecpu.bindings}, and DL4J's convolutions, which do not find it, take it
 * that there is no oneDNN and copy each image apart in plain loops. With this class they find it,
 * and a network of convolutions trains five times as fast and more. See docs/design-decisions.md.
 */
public final class Nd4jCpu {

  private Nd4jCpu() {}

  /** What DL4J asks, by reflection. */
  public static final class Environment {

    private static final Environment INSTANCE = new Environment();

    private Environment() {}

    /**
     * The environment.
     *
     * @return the only one
     */
    public static Environment getInstance() {
      return INSTANCE;
    }

    /**
     * Whether ND4J's native library was built with oneDNN.
     *
     * @return what the class at its new place says
     */
    public boolean isUseMKLDNN() {
      return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance().isUseONEDNN();
    }
  }
}
