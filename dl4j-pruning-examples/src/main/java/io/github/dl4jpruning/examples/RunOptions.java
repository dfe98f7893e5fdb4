package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.ExampleNetwork;
import io.github.dl4jpruning.examples.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The seed, folders and checkpoints of the jobs that train along one schedule. */
final class RunOptions {

  private static final String SAVED = "saved";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Folder for the models, the report and the chart. Default: runs/ followed by the name of"
              + " the job.")
  private @Nullable Path output;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "Folder for checkpoints of both trainings, saved after each epoch as zips that DL4J can"
              + " read. Default: the folder '"
              + SAVED
              + "' inside that of --output.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--resume",
      description =
          "Continue from the checkpoints in the folder of --checkpoint, or from the start if there"
              + " are none. A killed job that is resumed ends with the same models. Without this"
              + " option a job starts over, and its first epoch replaces what an earlier job saved"
              + " in the folder of --output.")
  private boolean resume;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  long seed() {
    return seed;
  }

  /**
   * The folder for results.
   *
   * @param part the subfolder if a job has several results; null if it has only one
   * @throws IOException if the folder is not writable
   */
  OutputFolder folder(@Nullable String part) throws IOException {
    return OutputFolder.open(
        output(part),
        TrainingJob.DENSE_MODEL,
        TrainingJob.PRUNED_MODEL,
        TrainingJob.REPORT,
        TrainingJob.CHART);
  }

  private Path output(@Nullable String part) {
    Path folder = output == null ? Path.of("runs", spec.name()) : output;
    return part == null ? folder : folder.resolve(part);
  }

  /**
   * Opens the folder for the checkpoints, which are saved after each epoch.
   *
   * @param part the subfolder if a job has several results; null if it has only one
   * @throws IOException if there are checkpoints of another job, or checkpoints that are not to be
   *     resumed
   */
  Checkpoints checkpoints(
      @Nullable String part,
      ExampleNetwork network,
      ImageData data,
      PruningListener pruning,
      Map<String, ?> settings)
      throws IOException {
    Path folder =
        checkpoint == null
            ? output(part).resolve(SAVED)
            : part == null ? checkpoint : checkpoint.resolve(part);
    Checkpoints checkpoints =
        Checkpoints.open(
            folder,
            identity(network, data, pruning, settings),
            resume,
            checkpoint == null,
            TrainingJob.TASKS);
    OutputFolder.open(folder); // otherwise training would fail only after its first epoch
    return checkpoints;
  }

  /** Returns everything that decides the outcome, so not the location of results and images. */
  private static String identity(
      ExampleNetwork network, ImageData data, PruningListener pruning, Map<String, ?> settings) {
    StringBuilder text = new StringBuilder();
    text.append("network: ").append(network.title()).append('\n');
    text.append("images: ").append(data.fingerprint()).append('\n');
    settings.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return text.append(pruning.config().toYaml()).toString();
  }
}
