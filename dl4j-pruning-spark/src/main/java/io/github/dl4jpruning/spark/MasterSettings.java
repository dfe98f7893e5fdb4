package io.github.dl4jpruning.spark;

import java.util.ArrayList;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What has to be known of a master to train round by round.
 *
 * @param master the master
 * @param batchSize the size of a worker's batch
 */
record MasterSettings(ParameterAveragingTrainingMaster master, int batchSize) {

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException if the master does not average parameters
   */
  static MasterSettings of(TrainingMaster<?, ?> master) {
    if (!(master instanceof ParameterAveragingTrainingMaster averaging)) {
      throw new IllegalArgumentException(
          "trainingMaster must be a ParameterAveragingTrainingMaster, but is "
              + (master == null ? "null" : "a " + master.getClass().getSimpleName())
              + "; SharedTrainingMaster cannot hold masks, because a worker's zeros never reach the"
              + " driver");
    }
    if (averaging.getTrainingHookList() != null) {
      // The builder makes lists that cannot grow.
      averaging.setTrainingHookList(new ArrayList<>(averaging.getTrainingHookList()));
    }
    return new MasterSettings(averaging, batchSizeOf(averaging));
  }

  /** DL4J has no getter for it. */
  private static int batchSizeOf(ParameterAveragingTrainingMaster master) {
    try {
      JsonNode size = new ObjectMapper().readTree(master.toJson()).findValue("batchSizePerWorker");
      if (size != null && size.isInt()) {
        return size.intValue();
      }
      throw new IllegalStateException(
          "expected a master that tells its batchSizePerWorker, but found " + master.toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  int averagingFrequency() {
    return master.getAveragingFrequency();
  }

  int workers(SparkTarget target) {
    return master.getNumWorkers() == null
        ? target.context().defaultParallelism()
        : master.getNumWorkers();
  }

  /** Returns how many objects of the data a round takes. */
  long objectsPerRound(SparkTarget target) {
    int inObject = master.getRddDataSetNumExamples();
    long each = (long) batchSize * averagingFrequency() / inObject;
    return workers(target) * Math.max(1, each);
  }
}
