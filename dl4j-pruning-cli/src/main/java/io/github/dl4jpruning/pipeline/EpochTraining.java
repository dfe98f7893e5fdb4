package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.console.Progress;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.data.Metric;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Trains a network for some epochs, and saves it after each, so that a killed run goes on.
 *
 * @param task the name of the task, for the progress bar
 * @param file the checkpoint
 * @param epochs the number of epochs in total
 * @param batches batches in an epoch
 * @param score scores a network on validation data
 * @param format writes a score
 * @param out where progress goes if there is no terminal
 */
record EpochTraining(
    String task,
    Path file,
    int epochs,
    int batches,
    ToDoubleFunction<Model> score,
    DoubleFunction<String> format,
    PrintWriter out) {

  /** Trains on data, and scores by a metric. */
  static EpochTraining of(
      String task, Path file, int epochs, PruneData data, Metric metric, PrintWriter out) {
    return new EpochTraining(
        task,
        file,
        epochs,
        data.training().count(),
        data.validation(metric)::calculateScore,
        metric::format,
        out);
  }

  /**
   * Trains, or goes on.
   *
   * @param start the network at the beginning; not used if there is a checkpoint
   * @param pruning the listener that prunes it
   * @param train the data, reset once before each epoch, as all pruners do
   * @return the trained network, the listener attached
   */
  Model run(Model start, PruningListener pruning, DataSetIterator train)
      throws IOException, TrainingFailedException {
    Model network = start;
    int begun = 0;
    if (Files.exists(file)) {
      network = PruningCheckpoint.load(file, pruning).network();
      begun = epochs(start);
    } else {
      pruning.attachTo(network);
      begun = epochs(network);
    }
    int done = epochs(network) - begun;
    for (int i = 0; i < done; i++) {
      train.reset();
    }
    try (Progress progress = Progress.start(task, (long) epochs * batches, out)) {
      progress.skip((long) done * batches);
      network.addListeners(
          new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
              progress.step("");
            }
          });
      for (int epoch = done + 1; epoch <= epochs; epoch++) {
        train.reset();
        fit(network, train, epoch);
        PruningCheckpoint.save(network, pruning, file);
        progress.epochDone(
            String.format(
                Locale.ROOT,
                "epoch %d/%d  sparsity %.2f%%  validation %s",
                epoch,
                epochs,
                100 * pruning.sparsity(),
                format.apply(score.applyAsDouble(network))));
      }
    }
    return network;
  }

  private void fit(Model network, DataSetIterator train, int epoch) throws TrainingFailedException {
    String advice = "; a lower --learning-rate may help";
    try {
      ((NeuralNetwork) network).fit(train);
    } catch (IllegalStateException e) {
      // The listener throws this if weights or gradients are not finite at a mask update.
      throw new TrainingFailedException(
          task + ", epoch " + epoch + ": " + e.getMessage() + advice, e);
    }
    if (!Double.isFinite(network.params().sumNumber().doubleValue())) {
      throw new TrainingFailedException(
          task + ", epoch " + epoch + ": expected finite weights, but training diverged" + advice);
    }
  }

  private static int epochs(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getConfiguration().getEpochCount()
        : ((MultiLayerNetwork) network).getEpochCount();
  }
}
