package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains a network before anything is removed.
 *
 * @param epochs the number of epochs; 0 to leave the network as it is
 * @param learningRate the rate; empty for the network's own
 * @param seed the seed for random choices, such as dropout
 */
public record DenseTraining(int epochs, OptionalDouble learningRate, long seed) {

  static final String CHECKPOINT = "dense.zip";

  /**
   * Begins anew: deletes the state of an earlier run.
   *
   * @param folder the folder for results
   * @param model the file of the model
   * @param identity everything that decides the outcome
   * @return where to save the training
   * @throws IOException if the model would be deleted, or the folder has other files
   */
  public static Path begin(OutputFolder folder, Path model, String identity) throws IOException {
    RunState state = new RunState(folder.path().resolve(RunState.NAME), identity);
    state.begin(model, false);
    return state.folder().resolve(CHECKPOINT);
  }

  /**
   * Trains, or goes on.
   *
   * @param network the network; changed
   * @param scored the data
   * @param checkpoint where the state is saved after each epoch
   * @param out where progress goes
   * @return the trained network, without listeners
   * @throws IOException if the checkpoint cannot be read or written
   * @throws TrainingFailedException if the training diverged
   */
  public Model run(Model network, ScoredData scored, Path checkpoint, PrintWriter out)
      throws IOException, TrainingFailedException {
    learningRate.ifPresent(rate -> NetworkStore.setLearningRate(network, rate));
    if (epochs == 0) {
      return network;
    }
    Nd4j.getRandom().setSeed(seed);
    Model trained =
        EpochTraining.of("dense", checkpoint, epochs, scored.data(), scored.metric(), out)
            .run(network, PruningListener.fineTuning(), scored.data().training());
    return NetworkMaker.copyOf(trained);
  }
}
