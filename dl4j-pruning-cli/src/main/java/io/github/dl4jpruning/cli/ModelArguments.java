package io.github.dl4jpruning.cli;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model of a command. */
final class ModelArguments {

  @Parameters(
      paramLabel = "MODEL",
      description = "A zip saved by DL4J, a checkpoint, a compact file, or a Keras 2 file (.h5).")
  private Path file;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description =
          "The loss of a model that ends without one, such as mcxent, xent, mse, mae. Default: what"
              + " fits its last activation.")
  private @Nullable LossFunction loss;

  Path file() {
    return file;
  }

  ModelFile load() throws IOException {
    return ModelFile.load(file, Optional.ofNullable(loss).map(LossFunction::getILossFunction));
  }

  /**
   * Opens the folder for results, unless one of them would replace the model.
   *
   * @param names the files that may be written or deleted
   */
  OutputFolder output(Path folder, String... names) throws IOException {
    for (String name : names) {
      Path result = folder.resolve(name);
      if (Files.exists(result) && Files.exists(file) && Files.isSameFile(result, file)) {
        throw new IOException(
            file
                + ": expected a model that no result replaces, but "
                + name
                + " is one of the results in "
                + folder
                + "; name another --output");
      }
    }
    return OutputFolder.open(folder, names);
  }

  /** Returns what decides the outcome, besides the parameters. */
  String identity() {
    return "loss " + loss;
  }
}
