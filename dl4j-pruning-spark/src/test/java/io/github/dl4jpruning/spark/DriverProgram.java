package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/** A driver in a process of its own, which can be killed. */
final class DriverProgram {

  static final int EPOCHS = 3;

  private DriverProgram() {}

  /** Trains with checkpoints in the folder of the first argument, and saves the network there. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (JavaSparkContext context = new JavaSparkContext(SparkFixtures.local(2))) {
      SparkDl4jMultiLayer network = train(context, folder.resolve("checkpoints"));
      network.getNetwork().save(folder.resolve("trained.zip").toFile());
    }
  }

  /** 90% in the first half of three epochs, of 40 iterations each. */
  static PruningConfig config() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.9, 10, 60))
        .updateEvery(10)
        .build()
        .config();
  }

  static SparkDl4jMultiLayer train(JavaSparkContext context, Path checkpoints) throws IOException {
    ParameterAveragingTrainingMaster master = SparkFixtures.master(2, 5, Digits.BATCH);
    SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, Digits.network(), master);
    PruningListener pruning =
        SparkPruning.of(config())
            .checkpoints(checkpoints.toUri().toString())
            .train(network, master, context.parallelize(Digits.train(), 3), EPOCHS);
    if (!pruning.isAtTarget()) {
      throw new IllegalStateException("expected a network at the target");
    }
    return network;
  }
}
