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

/** A model of any kind, or what to train in its place, and images for it. */
final class ModelOptions extends OptimizerOptions {

  /** The networks, by the names that a person types. */
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

  /** What a network looks at. */
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
          "A model: a zip that DL4J has saved, a checkpoint, or a compact file. Default: --network"
              + " is trained.")
  private @Nullable Path model;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "lenet-300-100",
      description = "What to train where there is no --model. One of: ${COMPLETION-CANDIDATES}.")
  private Network network;

  @Option(
      names = "--images",
      paramLabel = "KIND",
      description =
          "What the model looks at. One of: ${COMPLETION-CANDIDATES}. Default: what --network looks"
              + " at.")
  private @Nullable Images images;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "For digits the folder with the four files of MNIST or of a set in its format, by default"
              + " the 10,000 digits that ship with the examples; for cifar10 a folder with"
              + " train/<class>/* and test/<class>/*, or a zip of it. 'download' lets DL4J fetch"
              + " either.")
  private @Nullable String data;

  @Option(
      names = "--train-images",
      paramLabel = "N",
      description = "With cifar10: train with only so many images, for a short run.")
  private @Nullable Integer trainImages;

  @Option(
      names = "--dense-epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Epochs of training where there is no --model, at least 1.")
  private int denseEpochs;

  /** The file of a model; empty to train one. */
  Optional<Path> model() {
    return Optional.ofNullable(model);
  }

  /** The model and its images, as they are typed for another job. */
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

  /** The images; all numbers are checked before they are read. */
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
          trainImages == null, "--train-images", "is for the images of cifar10 alone", trainImages);
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

  /** A perceptron's matrices are too small to be shared between threads. */
  void limitThreads() {
    limitThreads(model == null && network == Network.LENET_300_100 ? 1 : null);
  }
}
