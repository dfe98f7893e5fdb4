package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.report.OutputFolder;
import io.github.dl4jpruning.examples.train.TrainingFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      "Writes a model for use without DL4J: as a runtime file, which runs in plain Java, or as an"
          + " ONNX model for other engines. Compares its predictions with DL4J's on the test"
          + " images, and shows how long a prediction takes, and how long it would take at other"
          + " sparsities.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  export --model runs/mnist/pruned.zip",
      "  export --model runs/mnist/pruned.zip --to runtime,onnx",
      "  export --model runs/cifar10/vgg/pruned.zip --images cifar10 --data path/to/cifar10.zip"
    })
final class ExportCommand implements Callable<Integer> {

  @Mixin private ModelOptions basic;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "runtime",
      description = "Formats to write, any of: ${COMPLETION-CANDIDATES}.")
  private Set<ExportFormat> formats;

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
      description = "Folder for the files and their reports.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, TrainingFailedException {
    ImageData images = basic.images();
    OutputFolder folder =
        OutputFolder.open(
            output,
            formats.stream()
                .flatMap(format -> Stream.of(format.file(), format.report()))
                .toArray(String[]::new));
    basic.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    new ExportJob(basic, images, formats, half, seed, folder, out).run();
    return 0;
  }
}
