package io.github.dl4jpruning.examples;

import io.github.dl4jpruning.examples.data.MnistData;
import io.github.dl4jpruning.examples.network.MnistNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to train, and on what: the options that all MNIST jobs share. */
class NetworkOptions {

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

  private static final String VALUES = "One of: ${COMPLETION-CANDIDATES}.";

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "lenet-300-100",
      description = VALUES)
  private Network network;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images per iteration.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "0.001",
      description = "Learning rate of Adam.")
  private double learningRate;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads for ND4J's computations. Default: 1 for lenet-300-100, whose matrices are too"
              + " small to be shared, and as many as ND4J chooses for lenet-5.")
  private Integer threads;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the four files of MNIST or of a set in its format (Fashion-MNIST), gzipped"
              + " or not; or 'download' to let DL4J fetch MNIST. Default: the 10,000 digits that"
              + " ship with the examples.")
  private String data;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  MnistNetwork network() {
    return network.network;
  }

  double learningRate() {
    return learningRate;
  }

  int batchSize() {
    return batchSize;
  }

  /** The digits; all numbers are checked before they are read. */
  MnistData digits() throws IOException {
    checkNumbers();
    if (data == null) {
      return MnistData.shipped();
    }
    if (data.equals(MnistData.DOWNLOAD)) {
      return MnistData.download();
    }
    require(!data.isBlank(), "--data", "must name a folder", "blank");
    return MnistData.from(Path.of(data));
  }

  void checkNumbers() {
    require(batchSize >= 1, "--batch-size", "must be 1 or more", batchSize);
    require(threads == null || threads >= 1, "--threads", "must be 1 or more", threads);
    require(
        learningRate > 0 && Double.isFinite(learningRate),
        "--learning-rate",
        "must be a finite number above 0",
        learningRate);
  }

  /** All that decides the outcome besides what a job adds, to tell one run from another. */
  String runName(MnistData digits, long seed) {
    return String.format(
        Locale.ROOT,
        "seed %d, batch size %d, rate %s, %d images of %s",
        seed,
        batchSize,
        learningRate,
        digits.train().size(),
        digits.origin());
  }

  void limitThreads() {
    if (threads == null && network == Network.LENET_5) {
      return;
    }
    int most = threads == null ? 1 : threads;
    Nd4j.getEnvironment().setMaxThreads(most);
    Nd4j.getEnvironment().setMaxMasterThreads(most);
    Nd4j.factory().blas().setMaxThreads(most);
  }

  Map<String, Number> settings() {
    Map<String, Number> settings = new LinkedHashMap<>();
    settings.put("batchSize", batchSize);
    settings.put("learningRate", learningRate);
    settings.put("threads", Nd4j.getEnvironment().maxMasterThreads());
    return settings;
  }

  final void require(boolean holds, String option, String rule, Object value) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), option + " " + rule + ", but is " + value);
    }
  }

  static String optionName(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
