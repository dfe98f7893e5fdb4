package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.export.c.WeightFormat;
import io.github.dl4jpruning.pipeline.ExportFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the {@code export} job; the job itself is {@link ExportJob}. */
@Command(
    name = "export",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model for use without DL4J: as a runtime file, which runs in plain Java, as an"
          + " ONNX model for other engines, or as C for microcontrollers. Compares its predictions"
          + " with DL4J's on the test images, and shows how long a prediction takes, and how long"
          + " it would take in the runtime at other sparsities. If there is a C compiler, the C"
          + " code is compiled and compared, too.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  export --model runs/mnist/pruned.zip",
      "  export --model runs/mnist/pruned.zip --to runtime,onnx,c --c-weights eight_bit",
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
      description =
          "Store weights in 16 bits, which makes the file about half as large. Not for C.")
  private boolean half;

  @Option(
      names = "--c-name",
      paramLabel = "NAME",
      defaultValue = "model",
      description = "Name of the C files, and beginning of the names of their functions.")
  private String cName;

  @Option(
      names = "--c-weights",
      paramLabel = "FORMAT",
      defaultValue = "float",
      description = "How weights are stored in C, one of: ${COMPLETION-CANDIDATES}.")
  private WeightFormat weights;

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
    COptions c;
    try {
      c = COptions.named(cName).withWeights(weights);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--c-name: " + e.getMessage(), e);
    }
    ImageData images = basic.images();
    OutputFolder folder =
        OutputFolder.open(
            output,
            formats.stream()
                .flatMap(format -> format.files(cName).stream())
                .toArray(String[]::new));
    basic.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    new ExportJob(basic, images, formats, half, c, seed, folder, out).run();
    return 0;
  }
}
