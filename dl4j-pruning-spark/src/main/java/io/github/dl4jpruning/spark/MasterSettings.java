package io.github.dl4jpruning.spark;

import java.util.ArrayList;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
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
 * @param exports whether it writes data sets to files before it trains on them
 * @param savesUpdater whether it averages updater state
 */
record MasterSettings(
    ParameterAveragingTrainingMaster master, int batchSize, boolean exports, boolean savesUpdater) {

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
    // DL4J has no getters for these.
    return new MasterSettings(
        averaging,
        setting(averaging, "batchSizePerWorker").intValue(),
        setting(averaging, "rddTrainingApproach")
            .textValue()
            .equals(RDDTrainingApproach.Export.name()),
        setting(averaging, "saveUpdater").booleanValue());
  }

  private static JsonNode setting(ParameterAveragingTrainingMaster master, String name) {
    try {
      JsonNode value = new ObjectMapper().readTree(master.toJson()).findValue(name);
      if (value == null || value.isNull()) {
        throw new IllegalStateException(
            "expected a master that tells its " + name + ", but found " + master.toJson());
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Checks that rounds of this data stay rounds. DL4J would write the data sets of a round to files
   * of any size, and cut those into rounds of its own.
   *
   * @throws IllegalArgumentException if the master would export them
   */
  void checkTakes(RoundData data) {
    boolean inMemory =
        data instanceof RoundData.DataSets || data instanceof RoundData.MultiDataSets;
    if (exports && inMemory) {
      throw new IllegalArgumentException(
          "trainingMaster must have rddTrainingApproach(RDDTrainingApproach.Direct), but it has"
              + " Export, DL4J's default, which cuts the data anew; or give the paths of files that"
              + " you have exported");
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
