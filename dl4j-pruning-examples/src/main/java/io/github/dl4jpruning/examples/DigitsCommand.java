package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.examples.data.IdxWriter;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.Images;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.learning.config.Adam;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes digits and networks to try the commands on that take a model and data of one's own. */
@Command(
    name = "digits",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    description = {
      "Writes handwritten digits, divided as the mnist job divides them, and two networks that are"
          + " not trained yet. With them one can try the commands that take a model and data.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  digits",
      "  prune runs/digits/lenet-300-100.zip --data runs/digits/data --dense-epochs 5",
      "  sweep runs/digits/lenet-300-100.zip --data runs/digits/data --dense-epochs 2",
      "  shrink runs/mnist/pruned.zip --data runs/digits/data --target-macs 0.25"
    })
final class DigitsCommand implements Callable<Integer> {

  private static final String DATA = "data";
  private static final double RATE = 0.001;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the four files of MNIST, or of a data set in the same format. Default: the"
              + " 10,000 digits that ship with the examples.")
  private @Nullable Path data;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed for the weights of the networks.")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/digits",
      description = "Folder for the networks and the folder 'data'.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ImageData digits = data == null ? MnistFiles.shipped() : MnistFiles.from(data);
    PrintWriter out = spec.commandLine().getOut();
    OutputFolder folder = OutputFolder.open(output);
    OutputFolder images = OutputFolder.open(output.resolve(DATA));
    Map<String, Images> parts = new LinkedHashMap<>();
    parts.put("train", digits.train());
    parts.put("validation", digits.validation());
    parts.put("t10k", digits.test());
    for (Map.Entry<String, Images> part : parts.entrySet()) {
      write(images, part.getKey() + "-images-idx3-ubyte.gz", part.getValue(), true);
      write(images, part.getKey() + "-labels-idx1-ubyte.gz", part.getValue(), false);
    }
    for (MnistNetwork network : MnistNetwork.values()) {
      String name = network.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".zip";
      MultiLayerNetwork built = network.build(digits.format(), seed, new Adam(RATE), 0.0);
      out.println("model    " + write(folder, name, built));
    }
    out.printf(
        Locale.ROOT,
        "data     %s: %,d for training, %,d for validation, %,d for the test\n",
        images.path(),
        digits.train().size(),
        digits.validation().size(),
        digits.test().size());
    return 0;
  }

  private static void write(OutputFolder folder, String name, Images part, boolean pixels)
      throws IOException {
    folder.write(
        name,
        to -> {
          GZIPOutputStream packed = new GZIPOutputStream(to);
          if (pixels) {
            IdxWriter.writeImages(part, packed);
          } else {
            IdxWriter.writeLabels(part, packed);
          }
          packed.finish();
        });
  }

  /** The normaliser tells the commands that the network reads pixels from 0 to 1. */
  private static Path write(OutputFolder folder, String name, MultiLayerNetwork network)
      throws IOException {
    Path whole = Files.createTempFile("dl4j-pruning", ".zip");
    try {
      ModelSerializer.writeModel(network, whole.toFile(), true);
      ModelSerializer.addNormalizerToModel(whole.toFile(), new ImagePreProcessingScaler(0, 1));
      return folder.write(name, to -> Files.copy(whole, to));
    } finally {
      Files.delete(whole);
    }
  }
}
