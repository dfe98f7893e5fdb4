package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.model.RawValues;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Files of version 1 of the format, as they were written when it was made, stay readable and give
 * the same values. Should the format change, there will be a new version, and these files stay.
 *
 * <p>{@link #main} wrote them.
 */
class CompactGoldenTest {

  /** What was written, with all that a file can hold. */
  enum Golden {
    EXACT("network-exact-1.compact", false, DataType.FLOAT),
    SHARED("graph-shared-1.compact", true, DataType.DOUBLE),
    HALF("network-half-1.compact", false, DataType.FLOAT),
    TYPE_HALF("graph-type-half-1.compact", true, DataType.FLOAT16);

    private final String file;
    private final boolean graph;
    private final DataType type;

    Golden(String file, boolean graph, DataType type) {
      this.file = file;
      this.graph = graph;
      this.type = type;
    }

    private NeuralNetConfiguration.Builder common() {
      return new NeuralNetConfiguration.Builder()
          .seed(1)
          .dataType(type)
          .updater(new Adam(0.01))
          .activation(Activation.RELU);
    }

    private Model network() {
      OutputLayer output =
          new OutputLayer.Builder(LossFunction.MCXENT)
              .name("output")
              .nOut(3)
              .activation(Activation.SOFTMAX)
              .build();
      Model network;
      if (graph) {
        ComputationGraph made =
            new ComputationGraph(
                common()
                    .graphBuilder()
                    .addInputs("in")
                    .setInputTypes(InputType.convolutional(4, 4, 2))
                    .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                            .nOut(2)
                            .convolutionMode(ConvolutionMode.Same)
                            .build(),
                        "in")
                    .addLayer("norm", new BatchNormalization.Builder().build(), "conv")
                    .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "in")
                    .addLayer("output", output, "sum")
                    .setOutputs("output")
                    .build());
        made.init();
        made.getConfiguration().setIterationCount(12);
        made.getConfiguration().setEpochCount(3);
        network = made;
      } else {
        MultiLayerNetwork made =
            new MultiLayerNetwork(
                common()
                    .list()
                    .layer(new DenseLayer.Builder().name("first").nOut(20).build())
                    .layer(new DenseLayer.Builder().name("second").nOut(8).build())
                    .layer(output)
                    .setInputType(InputType.feedForward(30))
                    .build());
        made.init();
        made.setIterationCount(12);
        made.setEpochCount(3);
        network = made;
      }
      fill(RawValues.parametersOf(network), 10);
      fill(RawValues.updaterStateOf(network), 3);
      return network;
    }

    /** Values that do not depend on a generator: one in some is not zero. */
    private void fill(RawValues values, int every) {
      long[] bits = new long[(int) values.length()];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = i % every == 1 ? bitsOf((i * 37 % 101 - 50) / 64.0) : 0;
      }
      values.view().write(0, bits, bits.length);
    }

    private long bitsOf(double value) {
      return CompactLayout.toBits(value, type.width());
    }

    private CompactOptions options() {
      NormalizerStandardize standardize =
          new NormalizerStandardize(
              Nd4j.createFromArray(new float[][] {{1f, 2f}}),
              Nd4j.createFromArray(new float[][] {{3f, 4f}}));
      NormalizerMinMaxScaler scaler = new NormalizerMinMaxScaler(-1, 1);
      scaler.setFeatureStats(
          Nd4j.createFromArray(new double[][] {{0.1, 0.2}}),
          Nd4j.createFromArray(new double[][] {{0.3, 0.4}}));
      CompactOptions.Builder options = CompactOptions.builder().updaterState(true);
      return switch (this) {
        case EXACT -> options.normalizer(standardize).build();
        case SHARED -> options.normalizer(scaler).weights(ValueCoding.shared(2)).build();
        case HALF -> options.weights(ValueCoding.half()).others(ValueCoding.half()).build();
        case TYPE_HALF -> options.build();
      };
    }

    private byte[] written() throws IOException {
      Model network = network();
      PruningListener pruning =
          PruningListener.builder().schedule(SparsitySchedules.constant(0.0)).build();
      pruning.attachTo(network);
      pruning.adoptZeros();
      fill(RawValues.updaterStateOf(network), 3); // what was removed has been reset
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      CompactModelSerializer.write(network, out, options());
      return out.toByteArray();
    }
  }

  private static List<Double> values(RawValues values) {
    long[] bits = new long[(int) values.length()];
    values.view().read(0, bits, bits.length);
    List<Double> numbers = new ArrayList<>();
    for (long bit : bits) {
      numbers.add(CompactLayout.toNumber(bit, values.width()));
    }
    return numbers;
  }

  @ParameterizedTest
  @EnumSource(Golden.class)
  void shouldReadFilesOfVersionOne(Golden golden) throws IOException {
    CompactModel model;
    try (InputStream in = CompactGoldenTest.class.getResourceAsStream(golden.file)) {
      model = CompactModelSerializer.restore(in, RestoreOptions.defaults());
    }

    Model expected = golden.network();
    List<Double> read = values(RawValues.parametersOf(model.network()));
    if (golden == Golden.SHARED) {
      assertThat(read).hasSameSizeAs(values(RawValues.parametersOf(expected)));
      assertThat(read.stream().filter(v -> v != 0.0).distinct().count()).isBetween(4L, 24L);
      assertThat(model.normalizer()).get().isInstanceOf(NormalizerMinMaxScaler.class);
    } else {
      assertThat(read).isEqualTo(values(RawValues.parametersOf(expected)));
    }
    assertThat(values(RawValues.updaterStateOf(model.network())))
        .isEqualTo(values(RawValues.updaterStateOf(expected)));
    assertThat(model.pruning().orElseThrow().sparsity()).isBetween(0.85, 0.95);
    if (golden == Golden.EXACT) {
      NormalizerStandardize normalizer = (NormalizerStandardize) model.normalizer().orElseThrow();
      assertThat(normalizer.getMean().toDoubleVector()).containsExactly(1, 2);
      assertThat(normalizer.getStd().toDoubleVector()).containsExactly(3, 4);
    }
    if (model.network() instanceof MultiLayerNetwork network) {
      assertThat(network.getIterationCount()).isEqualTo(12);
      assertThat(network.getEpochCount()).isEqualTo(3);
      assertThat(network.getLayerNames()).containsExactly("first", "second", "output");
    } else {
      ComputationGraph graph = (ComputationGraph) model.network();
      assertThat(graph.getIterationCount()).isEqualTo(12);
      assertThat(graph.getConfiguration().getNetworkOutputs()).containsExactly("output");
    }
  }

  /**
   * Writes the files.
   *
   * @param arguments the folder
   * @throws IOException if they cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    for (Golden golden : Golden.values()) {
      Files.write(Path.of(arguments[0], golden.file), golden.written());
    }
  }
}
