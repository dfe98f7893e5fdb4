package io.github.dl4jpruning.console;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The threads of ND4J. */
public final class Threads {

  private Threads() {}

  /**
   * Limits the threads of ND4J, of its BLAS, and of oneDNN, which has its own: they busy-wait for
   * each other if there are few cores.
   *
   * @param most the number of threads, 1 or more
   */
  public static void limit(int most) {
    Nd4j.getEnvironment().setMaxThreads(most);
    Nd4j.getEnvironment().setMaxMasterThreads(most);
    Nd4j.factory().blas().setMaxThreads(most);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(most);
  }
}
