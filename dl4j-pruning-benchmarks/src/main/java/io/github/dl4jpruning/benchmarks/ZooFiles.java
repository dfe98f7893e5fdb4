package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TextGenerationLSTM;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures writing and reading each network of DL4J's zoo with random parameters, in the compact
 * format and with DL4J's {@code ModelSerializer} without updater state, in turn. Each score is the
 * time for a number of pairs; the counters are what matters.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 1)
@Fork(
    value = 1,
    jvmArgs = {
      "-Xmx3g",
      "-Dorg.bytedeco.javacpp.maxbytes=8g",
      "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
      "-Dorg.nd4j.log.initialization=false"
    })
public class ZooFiles {

  /** Number of parameters that are generated at once. */
  private static final long PART = 1 << 22;

  /** Standard deviation of the parameters. */
  private static final double SPREAD = 0.05;

  private static final double MICROS = 1e6;

  /**
   * For the text-generating network: the size of its alphabet, and the characters in a sequence.
   */
  private static final int CHARACTERS = 77;

  private static final int STEPS = 40;

  /** The network. */
  @Param private Architecture network;

  /** The fraction of the parameters that is zero. */
  @Param("0.8")
  private double sparsity;

  /** The number of times that each file is written or read. */
  @Param("5")
  private int pairs;

  private Model model;
  private Path folder;
  private Path compact;
  private Path zip;

  /**
   * All networks of the zoo, with its input shapes, except NASNet, which the zoo cannot initialise.
   */
  public enum Architecture {
    /** 46 million parameters, most of them in dense layers. */
    ALEX_NET,
    /** 20 million parameters in 19 convolutions. */
    DARKNET_19,
    /** An Inception network for faces. */
    FACE_NET_NN4_SMALL_2,
    /** The deepest network: hundreds of small tensors. */
    INCEPTION_RESNET_V1,
    /** 20-50-500. */
    LE_NET,
    /** 25 million parameters in 50 layers. */
    RESNET_50,
    /** A few convolutions. */
    SIMPLE_CNN,
    /** With 1 × 1 convolutions. */
    SQUEEZE_NET,
    /** Two LSTM layers. */
    TEXT_GENERATION_LSTM,
    /** Detects objects. */
    TINY_YOLO,
    /** Segments images. */
    U_NET,
    /** 138 million parameters, most of them in dense layers. */
    VGG_16,
    /** The same with three more convolutions. */
    VGG_19,
    /** Separable convolutions. */
    XCEPTION,
    /** Detects objects. */
    YOLO_2;

    private ZooModel<?> zooModel() {
      return switch (this) {
        case ALEX_NET -> AlexNet.builder().numClasses(1_000).build();
        case DARKNET_19 -> Darknet19.builder().numClasses(1_000).build();
        case FACE_NET_NN4_SMALL_2 -> FaceNetNN4Small2.builder().numClasses(1_000).build();
        case INCEPTION_RESNET_V1 -> InceptionResNetV1.builder().numClasses(1_000).build();
        case LE_NET -> LeNet.builder().numClasses(10).build();
        case RESNET_50 -> ResNet50.builder().numClasses(1_000).build();
        case SIMPLE_CNN -> SimpleCNN.builder().numClasses(10).build();
        case SQUEEZE_NET -> SqueezeNet.builder().numClasses(1_000).build();
        case TEXT_GENERATION_LSTM ->
            TextGenerationLSTM.builder()
                .totalUniqueCharacters(CHARACTERS)
                .inputShape(new int[] {STEPS, CHARACTERS})
                .build();
        case TINY_YOLO -> TinyYOLO.builder().build();
        case U_NET -> UNet.builder().build();
        case VGG_16 -> VGG16.builder().numClasses(1_000).build();
        case VGG_19 -> VGG19.builder().numClasses(1_000).build();
        case XCEPTION -> Xception.builder().numClasses(1_000).build();
        case YOLO_2 -> YOLO2.builder().build();
      };
    }
  }

  /** Results that are reported in addition to the time. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Counters {
    /** Median time of the compact side. */
    public double compactSeconds;

    /** Median time of DL4J's side. */
    public double zipSeconds;

    /** The first divided by the second. */
    public double ratio;

    /** Bytes of the compact file. */
    public double compactBytes;

    /** Bytes of DL4J's zip. */
    public double zipBytes;

    /** Parameters of the network. */
    public double parameters;
  }

  /**
   * Creates the network and both files.
   *
   * @throws IOException if they cannot be written
   */
  @Setup
  public void make() throws IOException {
    model = network.zooModel().init();
    fill(model.params(), sparsity);
    folder = Files.createTempDirectory("zoo-files");
    compact = folder.resolve("model.compact");
    zip = folder.resolve("model.zip");
    CompactModelSerializer.write(model, compact);
    ModelSerializer.writeModel(model, zip.toFile(), false);
  }

  /** Fills biases and normalisation too: in a trained network they are not constant. */
  private static void fill(INDArray parameters, double sparsity) {
    Random random = new Random(1);
    INDArray flat = parameters.reshape(parameters.length());
    for (long from = 0; from < flat.length(); from += PART) {
      float[] values = new float[(int) Math.min(PART, flat.length() - from)];
      for (int i = 0; i < values.length; i++) {
        if (random.nextDouble() >= sparsity) {
          values[i] = (float) (SPREAD * random.nextGaussian());
        }
      }
      flat.get(NDArrayIndex.interval(from, from + values.length))
          .assign(Nd4j.createFromArray(values));
    }
  }

  /**
   * Deletes the files.
   *
   * @throws IOException if they cannot be deleted
   */
  @TearDown
  public void delete() throws IOException {
    Files.delete(compact);
    Files.delete(zip);
    Files.delete(folder);
  }

  /**
   * Writes both files.
   *
   * @param counters receives the results
   * @throws IOException if a file has no size
   */
  @Benchmark
  public void write(Counters counters) throws IOException {
    report(
        counters,
        () -> CompactModelSerializer.write(model, compact),
        () -> ModelSerializer.writeModel(model, zip.toFile(), false));
  }

  /**
   * Reads both files.
   *
   * @param counters receives the results
   * @throws IOException if a file has no size
   */
  @Benchmark
  public void read(Counters counters) throws IOException {
    report(counters, () -> CompactModelSerializer.restore(compact), this::readZip);
  }

  private void readZip() throws IOException {
    if (model instanceof ComputationGraph) {
      ModelSerializer.restoreComputationGraph(zip.toFile(), false);
    } else {
      ModelSerializer.restoreMultiLayerNetwork(zip.toFile(), false);
    }
  }

  private void report(Counters counters, Action one, Action other) throws IOException {
    Pairs measured = Pairs.measure(pairs, () -> run(one), () -> run(other));
    counters.compactSeconds = measured.firstMedian() / MICROS;
    counters.zipSeconds = measured.secondMedian() / MICROS;
    counters.ratio = measured.firstMedian() / measured.secondMedian();
    counters.compactBytes = Files.size(compact);
    counters.zipBytes = Files.size(zip);
    counters.parameters = model.numParams();
  }

  /** An action that writes or reads. */
  private interface Action {
    void run() throws IOException;
  }

  private static void run(Action action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
