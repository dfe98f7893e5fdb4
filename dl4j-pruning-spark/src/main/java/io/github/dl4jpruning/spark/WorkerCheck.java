package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.replicas.HeldMasks;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/** Makes sure that the workers have this library before anything is trained. */
final class WorkerCheck {

  private WorkerCheck() {}

  /**
   * Asks each worker for the classes of this library.
   *
   * @throws IllegalStateException if one lacks them
   */
  static void run(JavaSparkContext context, int workers) {
    try {
      context
          .parallelize(IntStream.range(0, workers).boxed().toList(), workers)
          .map(new Ask())
          .count();
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      throw new IllegalStateException(explain(String.valueOf(e)), e);
    }
  }

  /** A missing class shows in several ways, depending on where Spark needs it first. */
  private static String explain(String error) {
    for (String sign :
        List.of("ClassNotFoundException", "NoClassDefFoundError", "SerializedLambda")) {
      int at = error.indexOf(sign);
      if (at >= 0) {
        return "the workers lack a class of this library or of DL4J: ship dl4j-pruning-spark,"
            + " dl4j-pruning-core and what they need, for instance by spark-submit --jars or"
            + " --packages; the error of a worker: "
            + error.substring(at).lines().findFirst().orElse("");
      }
    }
    return "expected workers that answer, but found: " + error;
  }

  /** Loads a class of each module. */
  private static final class Ask implements Function<Integer, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String call(Integer worker) {
      return HeldMasks.class.getName() + MaskingHook.class.getName();
    }
  }
}
