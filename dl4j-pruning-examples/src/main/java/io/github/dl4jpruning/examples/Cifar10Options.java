package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.Cifar10Files;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.network.Cifar10Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the CIFAR-10 job: the networks and the data. */
final class Cifar10Options extends OptimizerOptions {

  /** The networks, by their names on the command line. */
  enum Network {
    VGG(Cifar10Network.VGG),
    RESNET(Cifar10Network.RESNET);

    private final Cifar10Network network;

    Network(Cifar10Network network) {
      this.network = network;
    }

    Cifar10Network network() {
      return network;
    }

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  @Option(
      names = "--network",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "vgg,resnet",
      description = "The networks to train, one after the other. Any of: ${COMPLETION-CANDIDATES}.")
  private List<Network> networks;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Folder with train/<class>/* and test/<class>/*, or a zip of it; or 'download' to let"
              + " DL4J fetch CIFAR-10. Required: the images do not ship with the examples.")
  private @Nullable String data;

  @Option(
      names = "--train-images",
      paramLabel = "N",
      description =
          "Number of training images, for a short run; the number of validation images shrinks in"
              + " proportion. Default: all but every tenth image, which is used for validation.")
  private @Nullable Integer trainImages;

  @Option(names = "--no-augmentation", description = "Do not mirror and shift the training images.")
  private boolean plain;

  List<Network> networks() {
    return networks;
  }

  Augmentation augmentation() {
    return plain ? Augmentation.NONE : Augmentation.FLIP_AND_SHIFT;
  }

  @Override
  void checkNumbers() {
    super.checkNumbers();
    require(
        networks.stream().distinct().count() == networks.size(),
        "--network",
        "must name each network once",
        networks);
    require(
        trainImages == null || trainImages >= 1,
        "--train-images",
        "must be 1 or more",
        trainImages);
  }

  /** Reads the images, after checking all numbers. */
  ImageData images() throws IOException {
    checkNumbers();
    int wanted = trainImages == null ? Cifar10Files.ALL : trainImages;
    if (data == null) {
      throw new IOException("expected --data, but it is not given; " + Cifar10Files.ADVICE);
    }
    if (data.equals(Cifar10Files.DOWNLOAD)) {
      return Cifar10Files.download(wanted);
    }
    require(!data.isBlank(), "--data", "must name a folder or a zip", "blank");
    return Cifar10Files.from(Path.of(data), wanted);
  }
}
