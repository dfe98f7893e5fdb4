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

/** The options that all MNIST jobs share: the network and the data. */
final class MnistOptions extends OptimizerOptions {

  /** The networks, by their names on the command line. */
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
          "Folder with the four files of MNIST, or of a data set in the same format"
              + " (Fashion-MNIST), gzipped or not; or 'download' to let DL4J fetch MNIST. Default:"
              + " the 10,000 digits that ship with the examples.")
  private @Nullable String data;

  MnistNetwork network() {
    return network.network;
  }

  /** Reads the digits, after checking all numbers. */
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

  /** Uses one thread for a perceptron: its matrices are too small to be split between threads. */
  void limitThreads() {
    limitThreads(network == Network.LENET_300_100 ? 1 : null);
  }

  MultiLayerNetwork build(ImageData digits, long seed, IUpdater updater) {
    return network().build(digits.format(), seed, updater, l2());
  }
}
