package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.Progress;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageBatches;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.train.Trainer;
import io.github.dl4jpruning.spark.RoundListener;
import io.github.dl4jpruning.spark.SparkPruning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains a network on Spark while it is pruned, and saves it.
 *
 * @param data the images
 * @param network the network
 * @param config how it is pruned
 * @param settings how it is trained
 * @param folder the folder for the model
 * @param out where the job prints
 */
record SparkJob(
    ImageData data,
    MultiLayerNetwork network,
    PruningConfig config,
    Settings settings,
    OutputFolder folder,
    PrintWriter out) {

  static final String MODEL = "pruned.zip";
  private static final String MASTER = "spark.master";

  /** Batches in one of Spark's tasks, when the images are handed to the cluster. */
  private static final int BATCHES_IN_TASK = 2;

  /**
   * How the network is trained.
   *
   * @param workers the number of workers
   * @param frequency batches of each worker between two averages
   * @param batchSize images in a batch
   * @param epochs the number of epochs
   * @param seed of the order of the images
   * @param checkpoints the folder for checkpoints; null for none
   */
  record Settings(
      int workers,
      int frequency,
      int batchSize,
      int epochs,
      long seed,
      @Nullable String checkpoints) {}

  void run() throws IOException, TrainingFailedException {
    SparkConf conf = new SparkConf().setAppName("dl4j-pruning");
    if (!conf.contains(MASTER)) { // spark-submit sets one
      conf.setMaster("local[" + settings.workers() + "]")
          .set("spark.ui.enabled", "false")
          .set("spark.driver.host", "127.0.0.1")
          .set("spark.driver.bindAddress", "127.0.0.1");
    }
    out.printf(
        Locale.ROOT,
        "%,d digits for training, %,d for validation, %,d for the test; %d workers on %s\n\n",
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        settings.workers(),
        conf.get(MASTER));
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      train(spark);
    } catch (IllegalStateException e) {
      // A worker without this library, weights that are not finite.
      throw new TrainingFailedException(String.valueOf(e.getMessage()), e);
    }
    Path model = folder.write(MODEL, file -> ModelSerializer.writeModel(network, file, false));
    out.println();
    out.println(SparsityReport.of(network));
    out.printf(
        Locale.ROOT, "test accuracy  %.2f%%\n", 100.0 * Trainer.accuracy(network, data.test()));
    out.printf(Locale.ROOT, "model          %s\n", model);
  }

  private void train(JavaSparkContext spark) throws IOException {
    List<DataSet> batches = new ArrayList<>();
    ImageBatches.shuffled(data.train(), settings.batchSize(), settings.seed())
        .forEachRemaining(batches::add);
    // DL4J counts on batches of one size.
    batches.removeIf(batch -> batch.numExamples() < settings.batchSize());
    JavaRDD<DataSet> images =
        spark.parallelize(batches, Math.max(settings.workers(), batches.size() / BATCHES_IN_TASK));
    ParameterAveragingTrainingMaster master =
        new ParameterAveragingTrainingMaster.Builder(settings.workers(), settings.batchSize())
            .batchSizePerWorker(settings.batchSize())
            .averagingFrequency(settings.frequency())
            .saveUpdater(true) // Adam's means are averaged, too
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .build();
    int perRound = settings.workers() * settings.frequency();
    long rounds = ((long) batches.size() + perRound - 1) / perRound;
    try (Progress progress = Progress.start("spark", rounds * settings.epochs(), out)) {
      Watch watch = new Watch(progress);
      SparkPruning pruning = SparkPruning.of(config).seed(settings.seed()).addRoundListener(watch);
      if (settings.checkpoints() != null) {
        pruning.checkpoints(settings.checkpoints());
      }
      PruningListener listener =
          pruning.train(
              new SparkDl4jMultiLayer(spark, network, master), master, images, settings.epochs());
      listener.detach();
      if (!watch.begun) { // all was done before
        progress.skip(rounds * settings.epochs());
      }
    }
  }

  /** Shows where the training is. */
  private final class Watch implements RoundListener {
    private final Progress progress;
    private boolean begun;

    Watch(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void onRoundDone(Round round) {
      if (!begun) { // a job that was started again does not begin at 0
        progress.skip((long) round.epoch() * round.rounds() + round.number());
        begun = true;
      }
      String message =
          String.format(
              Locale.ROOT,
              "epoch %d/%d  loss %.4f  sparsity %.2f%%",
              round.epoch() + 1,
              settings.epochs(),
              round.score(),
              100.0 * round.sparsity());
      progress.step(message);
      if (round.endsEpoch()) {
        double accuracy = Trainer.accuracy(network, data.validation());
        progress.epochDone(
            message + String.format(Locale.ROOT, "  validation %.2f%%", 100.0 * accuracy));
      }
    }
  }
}
