package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.Augmentation;
import io.github.dl4jpruning.examples.data.Cifar10Files;
import io.github.dl4jpruning.examples.data.ImageData;
import io.github.dl4jpruning.examples.data.MnistFiles;
import io.github.dl4jpruning.examples.network.Cifar10Network;
import io.github.dl4jpruning.examples.network.ExampleNetwork;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that select a model, or a network to train instead, and its images. */
final class ModelOptions extends OptimizerOptions {

  /** The networks, by their names on the command line. */
  @SuppressWarnings("ImmutableEnumChecker") // each is an enum itself
  enum Network {
    LENET_300_100(MnistNetwork.LENET_300_100, Images.DIGITS),
    LENET_5(MnistNetwork.LENET_5, Images.DIGITS),
    VGG(Cifar10Network.VGG, Images.CIFAR10),
    RESNET(Cifar10Network.RESNET, Images.CIFAR10);

    private final ExampleNetwork network;
    private final Images images;

    Network(ExampleNetwork network, Images images) {
      this.network = network;
      this.images = images;
    }

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  /** The images that a network reads. */
  enum Images {
    DIGITS,
    CIFAR10;

    @Override
    public String toString() {
      return optionName(this);
    }
  }

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "A model: a zip saved by DL4J, a checkpoint, or a compact file. Default: train"
              + " --network.")
  private @Nullable Path model;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "lenet-300-100",
      description =
          "The network to train if there is no --model. One of: ${COMPLETION-CANDIDATES}.")
  private Network network;

  @Option(
      names = "--images",
      paramLabel = "KIND",
      description =
          "The images that the model reads. One of: ${COMPLETION-CANDIDATES}. Default: those of"
              + " --network.")
  private @Nullable Images images;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "For digits: a folder with the four files of MNIST, or of a data set in the same format;"
              + " default: the 10,000 digits that ship with the examples. For cifar10: a folder"
              + " with train/<class>/* and test/<class>/*, or a zip of it. 'download' lets DL4J"
              + " fetch either data set.")
  private @Nullable String data;

  @Option(
      names = "--train-images",
      paramLabel = "N",
      description = "For cifar10: number of training images, for a short run.")
  private @Nullable Integer trainImages;

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs of training if there is no --model, at least 1.")
  private int denseEpochs;

  /** The file of a model; empty to train one. */
  Optional<Path> model() {
    return Optional.ofNullable(model);
  }

  /** Returns the model and its images as command-line options for another job. */
  String asTyped() {
    StringBuilder text = new StringBuilder();
    model().ifPresent(file -> text.append("--model ").append(quoted(file.toString())));
    if (look() == Images.CIFAR10) {
      text.append(" --images ").append(Images.CIFAR10);
    }
    if (data != null) {
      text.append(" --data ").append(quoted(data));
    }
    return text.toString().strip();
  }

  private static String quoted(String word) {
    return word.contains(" ") ? "'" + word + "'" : word;
  }

  ExampleNetwork network() {
    return network.network;
  }

  int denseEpochs() {
    return denseEpochs;
  }

  Augmentation augmentation() {
    return look() == Images.CIFAR10 ? Augmentation.FLIP_AND_SHIFT : Augmentation.NONE;
  }

  private Images look() {
    return images == null ? network.images : images;
  }

  /** Reads the images, after checking all numbers. */
  ImageData images() throws IOException {
    checkNumbers();
    require(denseEpochs >= 1, "--dense-epochs", "must be 1 or more", denseEpochs);
    require(
        trainImages == null || trainImages >= 1,
        "--train-images",
        "must be 1 or more",
        trainImages);
    require(
        model != null || look() == network.images,
        "--images",
        "must be " + network.images + " for --network " + network,
        look());
    require(data == null || !data.isBlank(), "--data", "must name a folder or a zip", "blank");
    if (look() == Images.DIGITS) {
      require(
          trainImages == null, "--train-images", "is only for the images of cifar10", trainImages);
      if (data == null) {
        return MnistFiles.shipped();
      }
      return data.equals(MnistFiles.DOWNLOAD)
          ? MnistFiles.download()
          : MnistFiles.from(Path.of(data));
    }
    if (data == null) {
      throw new IOException("expected --data, but it is not given; " + Cifar10Files.ADVICE);
    }
    int wanted = trainImages == null ? Cifar10Files.ALL : trainImages;
    return data.equals(Cifar10Files.DOWNLOAD)
        ? Cifar10Files.download(wanted)
        : Cifar10Files.from(Path.of(data), wanted);
  }

  /** Uses one thread for a perceptron: its matrices are too small to be split between threads. */
  void limitThreads() {
    limitThreads(model == null && network == Network.LENET_300_100 ? 1 : null);
  }
}
