package io.github.dl4jpruning.compact;

import static io.github.dl4jpruning.compact.CompactFixtures.bits;
import static io.github.dl4jpruning.compact.CompactFixtures.prune;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.CustomLayersTest.SameDiffDense;
import io.github.dl4jpruning.codec.HalfPrecision;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.VGG16ImagePreProcessor;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What a caller chooses when a compact file is written or read: fewer bits, a normaliser, trusted
 * classes and limits; and which choices are refused.
 */
class CompactOptionsTest {

  @TempDir Path folder;

  @Test
  void shouldRoundToHalfPrecision() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();
    network.getLayer(0).getParam("W").putScalar(0, 70_000.0); // no place in half precision
    Path file = folder.resolve("half");

    CompactSizes sizes =
        CompactModelSerializer.write(
            network,
            file,
            CompactOptions.builder()
                .weights(ValueCoding.half())
                .others(ValueCoding.half())
                .build());
    MultiLayerNetwork read = CompactModelSerializer.restoreMultiLayerNetwork(file);

    assertThat(sizes.tensors())
        .filteredOn(t -> t.coding().equals("exact"))
        .extracting(CompactSizes.Tensor::name)
        .containsExactly("conv.W");
    assertThat(read.getParam("0_W")).isEqualTo(network.getParam("0_W"));
    float[] before = network.getParam("2_W").dup().data().asFloat();
    float[] after = read.getParam("2_W").dup().data().asFloat();
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isEqualTo(HalfPrecision.fromBits(HalfPrecision.toBits(before[i])));
    }
  }

  @Test
  void shouldShareWeights() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).build();
    prune(network, 0.5, new Random(2));
    Path file = folder.resolve("shared");

    CompactModelSerializer.write(network, file, CompactOptions.sharedWeights(3));
    MultiLayerNetwork read = CompactModelSerializer.restoreMultiLayerNetwork(file);

    for (String name : network.paramTable().keySet()) {
      float[] before = network.getParam(name).dup().data().asFloat();
      float[] after = read.getParam(name).dup().data().asFloat();
      if (name.endsWith("b")) {
        assertThat(after).isEqualTo(before);
        continue;
      }
      List<Float> values = new ArrayList<>();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i] == 0.0f).isEqualTo(before[i] == 0.0f);
        if (after[i] != 0.0f && !values.contains(after[i])) {
          values.add(after[i]);
        }
      }
      assertThat(values).hasSizeLessThanOrEqualTo(8);
      double range =
          network.getParam(name).maxNumber().doubleValue()
              - network.getParam(name).minNumber().doubleValue();
      assertThat(read.getParam(name).sub(network.getParam(name)).amaxNumber().doubleValue())
          .isLessThan(range / 7);
    }
    // What has been rounded once is kept as it is, and needs no more than before.
    CompactSizes again = CompactModelSerializer.measure(read, CompactOptions.lossless());
    assertThat(again.compact()).isEqualTo(Files.size(file));
  }

  static Stream<Arguments> normalizers() {
    DataSet data = new DataSet(Nd4j.rand(20, 4).muli(50), Nd4j.rand(20, 2));
    NormalizerStandardize standardize = new NormalizerStandardize();
    standardize.fit(data);
    NormalizerStandardize labels = new NormalizerStandardize();
    labels.fitLabel(true);
    labels.fit(data);
    NormalizerMinMaxScaler scaler = new NormalizerMinMaxScaler(-1, 1);
    scaler.fitLabel(true);
    scaler.fit(data);
    NormalizerMinMaxScaler plain = new NormalizerMinMaxScaler();
    plain.fit(data);
    return Stream.of(
        Arguments.of(standardize),
        Arguments.of(labels),
        Arguments.of(scaler),
        Arguments.of(plain),
        Arguments.of(new ImagePreProcessingScaler(-1, 1, 4)));
  }

  @ParameterizedTest
  @MethodSource("normalizers")
  void shouldKeepANormalizer(DataNormalization normalizer) throws IOException {
    Path file = folder.resolve("normalizer");
    CompactModelSerializer.write(
        Recipe.of(Kind.DENSE).build(),
        file,
        CompactOptions.builder().normalizer(normalizer).build());

    DataNormalization read = CompactModelSerializer.restore(file).normalizer().orElseThrow();

    assertThat(read).hasSameClassAs(normalizer);
    INDArray features = Nd4j.rand(5, 4).muli(9);
    INDArray labels = Nd4j.rand(5, 2);
    DataSet one = new DataSet(features.dup(), labels.dup());
    DataSet other = new DataSet(features.dup(), labels.dup());
    normalizer.preProcess(one);
    read.preProcess(other);
    assertThat(other.getFeatures()).isEqualTo(one.getFeatures());
    assertThat(other.getLabels()).isEqualTo(one.getLabels());
  }

  private static Model withOwnLayer() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new SameDiffDense())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(5).nOut(2).build())
                .build());
    network.init();
    return network;
  }

  @Test
  void shouldMakeNoObjectsOfClassesThatAreNotTrusted() throws IOException {
    Path file = folder.resolve("own");
    Model network = withOwnLayer();
    CompactModelSerializer.write(network, file);

    assertThatThrownBy(() -> CompactModelSerializer.restore(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names " + SameDiffDense.class.getName());
    Model read =
        CompactModelSerializer.restore(
                file, RestoreOptions.defaults().allowing(SameDiffDense.class))
            .network();
    assertThat(read.params()).isEqualTo(network.params());
  }

  @Test
  void shouldRefuseWhatIsTooLargeOrOfAnotherKind() throws IOException {
    Path file = folder.resolve("model");
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    CompactModelSerializer.write(network, file);

    assertThatThrownBy(
            () ->
                CompactModelSerializer.restore(
                    file, RestoreOptions.defaults().withMostParameters(10)))
        .hasMessageContaining("a number of parameters of at most 10, but found");
    assertThatThrownBy(() -> CompactModelSerializer.restoreComputationGraph(file))
        .hasMessageContaining("expected a ComputationGraph");
    ComputationGraph graph = network.toComputationGraph();
    CompactModelSerializer.write(graph, file);
    assertThat(CompactModelSerializer.restoreComputationGraph(file).params())
        .isEqualTo(network.params());
    assertThatThrownBy(() -> CompactModelSerializer.restoreMultiLayerNetwork(file))
        .hasMessageContaining("expected a MultiLayerNetwork");
    ModelSerializer.writeModel(network, file.toFile(), false);
    assertThatThrownBy(() -> CompactModelSerializer.restore(file))
        .hasMessageContaining("does not begin with DL4JCOMP");
  }

  @Test
  void shouldRefuseBadInputAndLeaveTheFileAsItWas() throws IOException {
    Path file = folder.resolve("kept");
    Files.writeString(file, "what was there");
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    network.getLayer(0).getParam("W").putScalar(0, Double.NaN);

    assertThatThrownBy(
            () -> CompactModelSerializer.write(network, file, CompactOptions.sharedWeights(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hidden.W")
        .hasMessageContaining("finite");
    assertThatThrownBy(
            () ->
                CompactModelSerializer.write(
                    network,
                    file,
                    CompactOptions.builder().normalizer(new VGG16ImagePreProcessor()).build()))
        .hasMessageContaining("but found a VGG16ImagePreProcessor");
    assertThatThrownBy(
            () ->
                CompactModelSerializer.write(
                    network,
                    file,
                    CompactOptions.builder().normalizer(new NormalizerStandardize()).build()))
        .hasMessageContaining("fit was not called");
    assertThatThrownBy(() -> CompactOptions.sharedWeights(9)).hasMessageContaining("but are 9");
    assertThatThrownBy(() -> CompactOptions.builder().weights(null).build())
        .hasMessageContaining("must be set");
    assertThatThrownBy(() -> CompactOptions.builder().normalizer(null))
        .hasMessage("normalizer must be set, but is null");
    assertThatThrownBy(() -> CompactOptions.builder().progress(null).build())
        .hasMessageContaining("normalizer and progress must be set");
    assertThatThrownBy(() -> RestoreOptions.defaults().withMostParameters(-1))
        .hasMessageContaining("0 or more");
    MultiLayerNetwork raw = new MultiLayerNetwork(network.getLayerWiseConfigurations());
    assertThatThrownBy(() -> CompactModelSerializer.write(raw, file))
        .isInstanceOf(IllegalStateException.class);
    assertThat(Files.readString(file)).isEqualTo("what was there");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    // And what can be written is.
    CompactModelSerializer.write(network, file);
    assertThat(bits(CompactModelSerializer.restore(file).network())).isEqualTo(bits(network));
  }
}
