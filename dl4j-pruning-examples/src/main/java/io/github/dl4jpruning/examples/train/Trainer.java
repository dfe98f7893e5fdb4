package io.github.dl4jpruning.examples.train;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.console.Progress;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.Images;
import io.github.dl4jpruning.examples.train.TrainingHistory.Epoch;
import io.github.dl4jpruning.examples.train.TrainingHistory.SparsityChange;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.evaluation.classification.Evaluation;

/**
 * Trains a network for some epochs, shows the progress, and records the history. The result is the
 * network of the last epoch: no epoch is picked by its accuracy.
 *
 * @param data the images; the test images are not used here
 * @param augmentation how the training images are changed
 * @param batchSize images per iteration
 * @param seed the seed for the order of the images
 * @param out where progress goes if there is no terminal; empty to show none
 */
public record Trainer(
    ImageData data,
    Augmentation augmentation,
    int batchSize,
    long seed,
    Optional<PrintWriter> out) {

  private static final int EVALUATION_BATCH = 250;

  /**
   * Trains a network.
   *
   * @param task the name of the task, for the progress bar
   * @param network the network; its listeners are kept
   * @param pruning the listener that prunes it, if any
   * @param epochs the number of epochs
   * @return the history
   * @throws TrainingFailedException if the loss or the weights are no longer finite
   */
  public TrainingHistory train(
      String task, Model network, Optional<PruningListener> pruning, int epochs)
      throws TrainingFailedException {
    TrainingHistory history = new TrainingHistory();
    try {
      train(task, network, pruning, epochs, history, Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: without checkpoints nothing is written
    }
    return history;
  }

  /**
   * Continues a training, and saves after each epoch.
   *
   * @param task the name of the task, for the progress bar and the file names
   * @param network the network; epochs that are done are not repeated
   * @param pruning the listener that prunes it
   * @param epochs the number of epochs in total
   * @param history the history so far; the new epochs are added to it
   * @param checkpoints where to save
   * @throws TrainingFailedException if the loss or the weights are no longer finite
   * @throws IOException if a checkpoint cannot be written
   */
  public void train(
      String task,
      Model network,
      PruningListener pruning,
      int epochs,
      TrainingHistory history,
      Checkpoints checkpoints)
      throws TrainingFailedException, IOException {
    train(
        task,
        network,
        Optional.of(pruning),
        epochs,
        history,
        Optional.of(() -> checkpoints.save(task, network, pruning, history)));
  }

  /** Saves the current state. */
  @FunctionalInterface
  private interface Save {
    void now() throws IOException;
  }

  private void train(
      String task,
      Model network,
      Optional<PruningListener> pruning,
      int epochs,
      TrainingHistory history,
      Optional<Save> save)
      throws TrainingFailedException, IOException {
    ImageBatches batches = ImageBatches.shuffled(data.train(), batchSize, augmentation, seed);
    int done = history.epochs().size();
    for (int epoch = 0; epoch < done; epoch++) {
      batches.reset(); // keeps the order of images the same as in one run
    }
    int perEpoch = ImageBatches.count(data.train(), batchSize);
    long iterations = (long) epochs * perEpoch;
    try (Progress progress =
        out.map(lines -> Progress.start(task, iterations, lines)).orElseGet(Progress::none)) {
      progress.skip((long) done * perEpoch);
      Watch watch = new Watch(pruning, progress, history, epochs);
      network.addListeners(watch);
      for (int epoch = done + 1; epoch <= epochs; epoch++) {
        fit(task, network, batches, epoch);
        watch.epochDone(epoch, epoch * perEpoch, accuracy(network, data.validation()));
        if (save.isPresent()) {
          save.get().now();
        }
      }
    }
  }

  private static void fit(String task, Model network, ImageBatches batches, int epoch)
      throws TrainingFailedException {
    String advice = "; a lower --learning-rate may help";
    try {
      ((NeuralNetwork) network).fit(batches);
    } catch (IllegalStateException e) {
      // The listener throws this if weights or gradients are not finite at a mask update.
      throw new TrainingFailedException(
          task + " network, epoch " + epoch + ": " + e.getMessage() + advice, e);
    }
    if (!Double.isFinite(network.params().sumNumber().doubleValue())) {
      throw new TrainingFailedException(
          task
              + " network, epoch "
              + epoch
              + ": expected finite weights, but training diverged"
              + advice);
    }
  }

  /**
   * Measures the accuracy of a network.
   *
   * @param network the network
   * @param images the images
   * @return the fraction of the images that is classified correctly, in [0, 1]
   */
  public static double accuracy(Model network, Images images) {
    Evaluation evaluation = new Evaluation(images.format().classes());
    ((NeuralNetwork) network)
        .doEvaluation(ImageBatches.inOrder(images, EVALUATION_BATCH), evaluation);
    return evaluation.accuracy();
  }

  /** Keeps the progress bar and the history up to date. */
  private static final class Watch extends BaseTrainingListener {
    private final Optional<PruningListener> pruning;
    private final Progress progress;
    private final TrainingHistory history;
    private final int epochs;
    private double validationAccuracy = Double.NaN;
    private double sparsity;
    private double lossSum;
    private int steps;

    Watch(
        Optional<PruningListener> pruning, Progress progress, TrainingHistory history, int epochs) {
      this.pruning = pruning;
      this.progress = progress;
      this.history = history;
      this.epochs = epochs;
      // A resumed training already has a sparsity.
      this.sparsity = history.epochs().isEmpty() ? 0.0 : history.last().sparsity();
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      double now = pruning.map(PruningListener::sparsity).orElse(0.0);
      if (now != sparsity) {
        sparsity = now;
        history.add(new SparsityChange(iteration, now));
      }
      lossSum += model.score();
      steps++;
      progress.step(message(epoch + 1, model.score()));
    }

    void epochDone(int epoch, int iteration, double accuracy) {
      validationAccuracy = accuracy;
      double loss = lossSum / steps;
      history.add(new Epoch(epoch, iteration, loss, sparsity, accuracy));
      progress.epochDone(message(epoch, loss));
      lossSum = 0.0;
      steps = 0;
    }

    private String message(int epoch, double loss) {
      String known =
          Double.isNaN(validationAccuracy)
              ? ""
              : String.format(Locale.ROOT, "  validation %.2f%%", 100.0 * validationAccuracy);
      return String.format(
          Locale.ROOT,
          "epoch %d/%d  loss %.4f  sparsity %.2f%%%s",
          epoch,
          epochs,
          loss,
          100.0 * sparsity,
          known);
    }
  }
}
