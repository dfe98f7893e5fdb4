package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of the {@code export} job; the job itself is {@link ExportJob}. */
@Command(
    name = "export",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model to a runtime file, which runs in plain Java without DL4J. Compares its"
          + " predictions with DL4J's on the test images, and shows how long a prediction takes,"
          + " and how long it would take at other sparsities.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  export --model runs/mnist/pruned.zip",
      "  export --model runs/cifar10/vgg/pruned.zip --images cifar10 --data path/to/cifar10.zip"
    })
final class ExportCommand implements Callable<Integer> {

  @Mixin private ModelOptions basic;

  @Option(
      names = "--half",
      description = "Store weights in 16 bits, which makes the file about half as large.")
  private boolean half;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the initial weights if a model is trained.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/export",
      description = "Folder for the runtime file and the report.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    ImageData images = basic.images();
    OutputFolder folder = OutputFolder.open(output, ExportJob.MODEL, ExportJob.REPORT);
    basic.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    new ExportJob(basic, images, half, seed, folder, out).run();
    return 0;
  }
}
