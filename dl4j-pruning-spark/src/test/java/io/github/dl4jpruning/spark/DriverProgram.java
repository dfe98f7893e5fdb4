package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningListener;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.learning.config.Adam;

/** A driver in a process of its own, which can be killed. */
final class DriverProgram {

  static final int EPOCHS = 4;

  private DriverProgram() {}

  /** Trains with checkpoints in the folder of the first argument, and saves the network there. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (JavaSparkContext context = new JavaSparkContext(SparkFixtures.local(2))) {
      SparkDl4jMultiLayer network = train(context, folder.resolve("checkpoints"));
      network.getNetwork().save(folder.resolve("trained.zip").toFile());
    }
  }

  static SparkDl4jMultiLayer train(JavaSparkContext context, Path checkpoints) throws IOException {
    ParameterAveragingTrainingMaster master = SparkFixtures.master(2, 2);
    SparkDl4jMultiLayer network = SparkFixtures.layers(context, new Adam(0.01), master);
    PruningListener pruning =
        SparkPruning.of(SparkFixtures.ramp().build().config())
            .checkpoints(checkpoints.toUri().toString())
            .train(network, master, context.parallelize(SparkFixtures.batches(40), 3), EPOCHS);
    if (!pruning.isAtTarget()) {
      throw new IllegalStateException("expected a network at the target");
    }
    return network;
  }
}
