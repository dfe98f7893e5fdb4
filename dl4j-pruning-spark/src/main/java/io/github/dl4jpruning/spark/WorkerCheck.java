package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.replicas.HeldMasks;
import java.util.Collections;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
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
    } catch (RuntimeException e) {
      throw lacking(e);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      throw lacking(e);
    }
  }

  private static RuntimeException lacking(Exception e) {
    String text = String.valueOf(e);
    boolean classes =
        text.contains("ClassNotFoundException") || text.contains("NoClassDefFoundError");
    if (!classes && !(e instanceof SparkException)) {
      return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
    return new IllegalStateException(
        classes
            ? "the workers lack a class of this library or of DL4J: ship dl4j-pruning-spark,"
                + " dl4j-pruning-core and what they need, for instance by spark-submit --jars or"
                + " --packages; the first of the workers' errors: "
                + firstMissing(text)
            : "expected workers that answer, but found: " + text,
        e);
  }

  private static String firstMissing(String text) {
    int at = text.indexOf("ClassNotFoundException");
    int from = at >= 0 ? at : text.indexOf("NoClassDefFoundError");
    int end = text.indexOf('\n', from);
    return text.substring(from, end < 0 ? text.length() : end).trim();
  }

  /** Loads a class of each module. */
  private static final class Ask implements Function<Integer, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String call(Integer worker) {
      return HeldMasks.class.getName() + MaskingHook.class.getName() + Collections.emptyList();
    }
  }
}
