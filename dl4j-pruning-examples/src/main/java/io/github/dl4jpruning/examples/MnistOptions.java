package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import picocli.CommandLine.Option;

/** What to train, and on what: the options that all MNIST jobs share. */
final class MnistOptions extends OptimizerOptions {

  /** The networks, by the names that a person types. */
  enum Network {
    LENET_300_100(MnistNetwork.LENET_300_100),
    LENET_5(MnistNetwork.LENET_5);

    private final MnistNetwork network;

    Network(MnistNetwork network) {
      this.network = network;
    }

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "lenet-300-100",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private Network network;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the four files of MNIST or of a set in its format (Fashion-MNIST), gzipped"
              + " or not; or 'download' to let DL4J fetch MNIST. Default: the 10,000 digits that"
              + " ship with the examples.")
  private @Nullable String data;

  MnistNetwork network() {
    return network.network;
  }

  /** The digits; all numbers are checked before they are read. */
  ImageData digits() throws IOException {
    checkNumbers();
    if (data == null) {
      return MnistFiles.shipped();
    }
    if (data.equals(MnistFiles.DOWNLOAD)) {
      return MnistFiles.download();
    }
    require(!data.isBlank(), "--data", "must name a folder", "blank");
    return MnistFiles.from(Path.of(data));
  }

  /** A perceptron's matrices are too small to be shared between threads. */
  void limitThreads() {
    limitThreads(network == Network.LENET_300_100 ? 1 : null);
  }

  MultiLayerNetwork build(ImageData digits, long seed, IUpdater updater) {
    return network().build(digits.format(), seed, updater, l2());
  }
}
