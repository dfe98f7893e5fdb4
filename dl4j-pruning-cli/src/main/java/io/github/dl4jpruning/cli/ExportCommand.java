package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.export.c.WeightFormat;
import io.github.dl4jpruning.models.InputShape;
import io.github.dl4jpruning.models.ModelFile;
import io.github.dl4jpruning.pipeline.ExportFormat;
import io.github.dl4jpruning.pipeline.ExportJob;
import io.github.dl4jpruning.pipeline.PruneData;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code export}. */
@Command(
    name = "export",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model for use without DL4J: as a runtime file, which runs in plain Java, as an"
          + " ONNX model for other engines, or as C for microcontrollers. Compares its predictions"
          + " with DL4J's, on the test samples if there is data, on random ones otherwise. Shows"
          + " how long a prediction takes, and how long it would take in the runtime at other"
          + " sparsities. If there is a C compiler, the C code is compiled and compared, too.",
      "",
      "A normaliser that the model has becomes a part of the file, and so does that of"
          + " --normalize.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  export pruned.zip",
      "  export pruned.zip --data iris.csv --to runtime,onnx,c --c-weights eight_bit",
      "  export model.h5 --input 32x32x3"
    })
public final class ExportCommand implements Callable<Integer> {

  @Mixin private ModelArguments model;
  @Mixin private DataArguments.Wanted data;
  @Mixin private SplitArguments parts;

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

  @Mixin private BatchArguments batches;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/export",
      description = "Folder for the files and their reports.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    batches.check();
    data.checkUsed(spec, "--metric", "--normalize", "--validation", "--test", "--batch-size");
    batches.limitThreads();
    PrintWriter out = spec.commandLine().getOut();
    try {
      COptions c = COptions.named(cName).withWeights(weights);
      ModelFile file = model.load();
      OutputFolder folder =
          model.output(
              output,
              formats.stream()
                  .flatMap(format -> format.files(cName).stream())
                  .toArray(String[]::new));
      Workbench.showNotes(file, out);
      ExportOptions options = ExportOptions.defaults();
      Optional<PruneData> samples = Optional.empty();
      Optional<DataNormalization> normalizer = file.normalizer();
      if (data.path().isPresent()) {
        Workbench bench =
            Workbench.open(file, data, parts, batches, output.resolve(OutputFolder.CACHE), out);
        samples = Optional.of(bench.data());
        options = options.withInputTypes(bench.data().form().input());
        normalizer = parts.normalization().isPresent() ? bench.data().normalizer() : normalizer;
        if (normalizer.isEmpty() && bench.data().normalizer().isPresent()) {
          out.println("note: the file has no normaliser; --normalize adds one");
        }
      } else if (data.shape().isPresent()) {
        List<InputShape> shapes = List.of(data.shape().get());
        options = options.withInputTypes(InputShape.types(file.network(), shapes));
      }
      options = normalizer.map(options::withNormalizer).orElse(options);
      new ExportJob(options, samples, formats, half, c, folder, out).run(file.network());
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new ParameterException(
          spec.commandLine(), message.replace("ExportOptions.withInputTypes", "--input"), e);
    }
    return 0;
  }
}
