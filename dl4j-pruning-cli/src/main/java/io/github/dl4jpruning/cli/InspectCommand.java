package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.models.InputShape;
import io.github.dl4jpruning.models.Inspection;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command {@code inspect}. */
@Command(
    name = "inspect",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Shows what a model consists of: layers, weights, zeros, multiplications; which layers can be"
          + " pruned and shrunk; whether it can be exported, and if not, why.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  inspect runs/mnist/pruned.zip",
      "  inspect model.h5 --input 32x32x3"
    })
public final class InspectCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "MODEL",
      description = "A zip saved by DL4J, a checkpoint, a compact file, or a Keras 2 file (.h5).")
  private Path file;

  @Option(
      names = "--input",
      paramLabel = "SHAPE",
      split = ",",
      converter = ShapeConverter.class,
      description = {
        "The shape of each input, if the model leaves it open: 784 (features), 50x3 (time steps x"
            + " features), 32x32x3 (height x width x channels)."
      })
  private List<InputShape> shapes = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ModelFile model = ModelFile.load(file);
    Inspection inspection;
    try {
      inspection = Inspection.of(model.network(), InputShape.types(model.network(), shapes));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--input: " + e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT,
            "%s: %s, %,d bytes, %s",
            file,
            model.kind().title(),
            Files.size(file),
            model.network().getClass().getSimpleName()));
    model.notes().forEach(note -> out.println("note: " + note));
    out.println();
    out.print(inspection);
    out.flush();
    return 0;
  }

  /** Reads a shape of an option. */
  static final class ShapeConverter implements ITypeConverter<InputShape> {
    @Override
    public InputShape convert(String text) {
      try {
        return InputShape.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
