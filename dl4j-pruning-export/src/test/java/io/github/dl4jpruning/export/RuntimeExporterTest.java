package io.github.dl4jpruning.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

class RuntimeExporterTest {

  /** Letters and version of a compact file. */
  private static final int HEADER = 12;

  /** Name, length and checksum of a section. */
  private static final int SECTION = 12;

  @TempDir Path folder;

  private static MultiLayerNetwork perceptron(int inputs) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nIn(inputs).nOut(60).build())
                .layer(
                    new OutputLayer.Builder()
                        .nIn(60)
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  private static void zero(INDArray array, double part) {
    for (long i = 0; i < array.length() * part; i++) {
      array.putScalar(i * 7919 % array.length(), 0.0);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void shouldWriteAFileAndItsCheck() throws IOException {
    MultiLayerNetwork network = perceptron(20);
    DataSet data = new DataSet(Nd4j.rand(10, 20), Nd4j.zeros(10, 4));
    Path file = folder.resolve("model.dl4jrun");

    ExportReport report =
        RuntimeExporter.write(
            network,
            file,
            ExportOptions.defaults().checkedOn(new ListDataSetIterator<>(data.asList(), 5)));

    assertThat(report.samples()).isEqualTo(10);
    assertThat(report.randomSamples()).isFalse();
    assertThat(report.differentClasses()).isZero();
    assertThat(report.largestDifference()).isLessThan(1e-5);
    assertThat(report.bytes()).isEqualTo(Files.size(file));
    assertThat(Files.readString(folder.resolve("model.dl4jrun.check.json")))
        .contains("\"samples\" : 10");
    assertThat(report.toString()).contains("compared with DL4J on", "10 samples");
  }

  @Test
  void shouldLeaveNothingThatDiffersByTooMuch() throws IOException {
    ExportOptions exact = ExportOptions.defaults().withHalfPrecision().withTolerance(1e-7);

    assertThatThrownBy(
            () -> RuntimeExporter.write(perceptron(20), folder.resolve("model.dl4jrun"), exact))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is not written: expected outputs that differ")
        .hasMessageContaining("1.0E-7");
    assertThat(files()).isEmpty();
  }

  @Test
  void shouldNameInputsThatNobodyReads() throws IOException {
    MultiLayerNetwork network = perceptron(6);
    INDArray weights = network.getParam("0_W");
    weights.getRow(2).assign(0);
    weights.getRow(5).assign(0);

    ExportReport report = RuntimeExporter.write(network, folder.resolve("model.dl4jrun"));

    assertThat(report.unread()).isEqualTo(Map.of("", List.of(2, 5)));
    assertThat(report.toString()).contains("2 channels are read by no weight");
  }

  /**
   * At most 5% longer than a compact file without its section HEAD, which has the configuration.
   */
  @Test
  void shouldBeAsSmallAsACompactFile() throws IOException {
    MultiLayerNetwork network = perceptron(784);
    zero(network.getParam("0_W"), 0.9);
    zero(network.getParam("1_W"), 0.5);
    Path compact = folder.resolve("model.compact");
    CompactModelSerializer.write(network, compact);
    Path file = folder.resolve("model.dl4jrun");
    RuntimeExporter.write(network, file);

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(compact));
    int name = bytes.getInt(HEADER);
    assertThat(name).isEqualTo(ByteBuffer.wrap("HEAD".getBytes(UTF_8)).getInt());
    int withoutHead = bytes.capacity() - SECTION - bytes.getInt(HEADER + Integer.BYTES);
    assertThat(Files.size(file)).isLessThan(Math.round(1.05 * withoutHead));
  }

  @Test
  void shouldNormaliseAsItsFirstStep() throws IOException {
    INDArray features = Nd4j.rand(40, 5).mul(9).add(3);
    features.getColumn(3).assign(2.0); // a deviation of zero
    DataSet data = new DataSet(features, Nd4j.zeros(40, 4));
    NormalizerStandardize standardize = new NormalizerStandardize();
    standardize.fit(data);
    NormalizerMinMaxScaler scaler = new NormalizerMinMaxScaler(-1, 2);
    scaler.fit(data);
    for (DataNormalization normalizer :
        List.of(standardize, scaler, new ImagePreProcessingScaler(-1, 1))) {
      MultiLayerNetwork network = perceptron(5);
      ExportOptions options = ExportOptions.defaults().withNormalizer(normalizer);
      INDArray raw = Agreement.example(features, 7);
      INDArray normalised = raw.dup();
      normalizer.transform(normalised);

      float[] output = Agreement.exported(network, options).newSession().run(Agreement.flat(raw));

      Agreement.assertClose(
          output, Agreement.flat(network.output(normalised)), normalizer.toString());
    }
    assertThatThrownBy(
            () ->
                InferencePlan.of(
                    perceptron(6), ExportOptions.defaults().withNormalizer(standardize)))
        .hasMessageContaining("expected a normalizer of 6 features")
        .hasMessageContaining("5");
  }

  /** The check uses numbers in the range that the normaliser was fitted to. */
  @Test
  void shouldCheckWithTheNormaliserOnRawData() throws IOException {
    DataSet pressures = new DataSet(Nd4j.rand(50, 5).mul(3_000).add(100_000), Nd4j.zeros(50, 4));
    NormalizerStandardize standardize = new NormalizerStandardize();
    standardize.fit(pressures);

    ExportReport report =
        RuntimeExporter.write(
            perceptron(5),
            folder.resolve("model.dl4jrun"),
            ExportOptions.defaults().withNormalizer(standardize));

    assertThat(report.differentClasses()).isZero();
    assertThat(report.largestDifference()).isLessThan(1e-4);
  }

  @Test
  void shouldCheckNetworksThatWantManySteps() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.TANH)
                .list()
                .layer(new Convolution1DLayer.Builder(9).nOut(4).build())
                .layer(new Convolution1DLayer.Builder(5).nOut(4).build())
                .layer(new RnnOutputLayer.Builder().nOut(2).build())
                .setInputType(InputType.recurrent(3))
                .build());
    network.init();

    ExportReport report = RuntimeExporter.write(network, folder.resolve("model.dl4jrun"));

    assertThat(report.largestDifference()).isLessThan(1e-5);
    SparseModel model = SparseModel.load(folder.resolve("model.dl4jrun"));
    assertThat(model.leastSteps()).isEqualTo(16);
    assertThat(model.outputs().get(0).isSequence()).isTrue();
  }

  @Test
  void shouldRefuseACheckOnNothing() {
    ExportOptions none =
        ExportOptions.defaults().checkedOn(new ListDataSetIterator<>(List.of(), 5));

    assertThatThrownBy(
            () -> RuntimeExporter.write(perceptron(20), folder.resolve("model.dl4jrun"), none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected data to check on");
  }

  @Test
  void shouldCutSequencesAtTheirMasks() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(5).activation(Activation.TANH).build())
                .layer(
                    new RnnOutputLayer.Builder()
                        .nIn(5)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    DataSet data = new DataSet(Nd4j.rand(2, 3, 6), Nd4j.zeros(2, 2, 6));
    data.setFeaturesMaskArray(
        Nd4j.createFromArray(new float[][] {{1, 1, 1, 1, 1, 1}, {1, 1, 0, 0, 0, 0}}));

    ExportReport report =
        RuntimeExporter.write(
            network,
            folder.resolve("model.dl4jrun"),
            ExportOptions.defaults().checkedOn(new ListDataSetIterator<>(List.of(data), 2)));

    assertThat(report.samples()).isEqualTo(2);
    assertThat(report.largestDifference()).isLessThan(1e-5);
  }

  @Test
  void shouldRefuseMasksWithGaps() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(5).activation(Activation.TANH).build())
                .build());
    network.init();
    DataSet data = new DataSet(Nd4j.rand(2, 3, 4), Nd4j.zeros(2, 5, 4));
    data.setFeaturesMaskArray(Nd4j.createFromArray(new float[][] {{1, 1, 1, 0}, {1, 0, 1, 0}}));
    Path file = folder.resolve("model.dl4jrun");
    ExportOptions options =
        ExportOptions.defaults().checkedOn(new ListDataSetIterator<>(List.of(data), 2));

    assertThatThrownBy(() -> RuntimeExporter.write(network, file, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("example 1 of a batch has padding at step 1 of 3");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldMeasureNetworks() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(12).build())
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(12).build())
                .layer(new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(20, 20, 1))
                .build());
    network.init();
    MultiLayerNetwork pruned = network.clone();
    zero(pruned.getParam("1_W"), 0.97);
    RuntimeLatency latency =
        new RuntimeLatency(
            ExportOptions.defaults().withInputTypes(InputType.convolutional(20, 20, 1)));

    Speedup speedup = latency.compare(network, pruned);
    Map<Double, Double> forecast = latency.forecast(network, 0.0, 0.98);

    assertThat(speedup.before()).isPositive();
    assertThat(speedup.after()).isLessThan(speedup.before());
    assertThat(forecast.keySet()).containsExactly(0.0, 0.98);
    assertThat(forecast.get(0.98)).isLessThan(forecast.get(0.0));
  }

  @Test
  void shouldKeepOptionsApart() {
    assertThatThrownBy(() -> ExportOptions.defaults().withTolerance(-1))
        .hasMessage("tolerance must be a finite number of 0 or more, but is -1.0");
    assertThatThrownBy(() -> ExportOptions.defaults().withTolerance(Double.NaN))
        .hasMessageContaining("NaN");
    assertThat(ExportOptions.defaults().withHalfPrecision().tolerance()).isEqualTo(0.02);
    assertThat(ExportOptions.defaults().withTolerance(0.5).withHalfPrecision().tolerance())
        .isEqualTo(0.5);
    SparseModel model = Agreement.exported(perceptron(3), ExportOptions.defaults());
    assertThat(model.properties()).containsEntry("producer", "dl4j-pruning");
  }
}
