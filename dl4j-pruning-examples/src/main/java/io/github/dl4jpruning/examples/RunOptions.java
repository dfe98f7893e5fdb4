package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.ExampleNetwork;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where the jobs that train along one schedule leave their files, and where they go on from. */
final class RunOptions {

  private static final String SAVED = "saved";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides the first weights and the order of the images.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Folder for the models, the report and the chart. Default: runs/ and the name of the"
              + " job.")
  private @Nullable Path output;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "Folder to save both trainings to after each epoch, as zips that DL4J can read. Default:"
              + " the folder '"
              + SAVED
              + "' in that of --output.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--resume",
      description =
          "Go on from what is in the folder of --checkpoint; from the start if nothing is. A job"
              + " that was killed and started again like this ends with the same models. Without it"
              + " a job begins anew, and what an earlier one has saved in the folder of --output is"
              + " replaced after the first epoch.")
  private boolean resume;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  long seed() {
    return seed;
  }

  /**
   * The folder for results.
   *
   * @param part of a job that makes several results; null for its only one
   * @throws IOException if it cannot be written to
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
   * The folder that is saved to after each epoch.
   *
   * @param part of a job that makes several results; null for its only one
   * @throws IOException if there are checkpoints of another job, or ones that are not to be resumed
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
    OutputFolder.open(folder); // or a training would end at the end of its first epoch
    return checkpoints;
  }

  /** Everything that decides the outcome; where the results and the images lie does not. */
  private static String identity(
      ExampleNetwork network, ImageData data, PruningListener pruning, Map<String, ?> settings) {
    StringBuilder text = new StringBuilder();
    text.append("network: ").append(network.title()).append('\n');
    text.append("images: ").append(data.fingerprint()).append('\n');
    settings.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return text.append(pruning.config().toYaml()).toString();
  }
}
