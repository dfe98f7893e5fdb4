package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.report.TensorSparsity;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class SparsityReportTest {

  @Test
  void shouldCountWhatIsInTheNetwork() {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    INDArray weights = network.getLayer(0).getParam("W");
    weights.assign(1.0);
    weights.putScalar(0, 0.0);
    weights.putScalar(1, -0.0);
    weights.putScalar(2, 1e-40);

    SparsityReport report = SparsityReport.of(network);

    TensorSparsity first = report.tensors().get(0);
    assertThat(first.name()).isEqualTo("hidden.W");
    assertThat(first.layerType()).isEqualTo("DenseLayer");
    assertThat(first.shape()).containsExactly(7L, 11L);
    assertThat(first.weights()).isEqualTo(77);
    assertThat(first.nonZeros()).isEqualTo(75);
    assertThat(report.weights()).isEqualTo(77 + 66 + 18);
    assertThat(report.nonZeros()).isEqualTo(report.weights() - 2);
    assertThat(report.otherParameters()).isEqualTo(network.numParams() - report.weights());
    assertThat(report.unknown()).isEmpty();
  }

  @Test
  void shouldNameLayersOfAnUnknownTypeAndLeaveThemDense() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(6).nOut(4).name("dense").build())
                .layer(
                    new ElementWiseMultiplicationLayer.Builder().nIn(4).nOut(4).name("odd").build())
                .layer(new OutputLayer.Builder().nIn(4).nOut(2).name("output").build())
                .build());
    network.init();
    PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build().attachTo(network);

    network.fit(Nd4j.rand(3, 6), Nd4j.rand(3, 2));

    SparsityReport report = SparsityReport.of(network);
    assertThat(report.tensors().stream().map(TensorSparsity::name))
        .containsExactly("dense.W", "output.W");
    assertThat(report.sparsity()).isEqualTo(0.5);
    assertThat(report.unknown()).containsExactlyInAnyOrder("odd.W", "odd.b");
    assertThat(report.toString()).contains("left dense").contains("odd.W");
    assertThat(network.getParam("1_W").eq(0.0).castTo(DataType.INT32).sumNumber().intValue())
        .isZero();
  }

  @Test
  void shouldBeATableToRead() {
    SparsityReport report =
        new SparsityReport(
            List.of(
                new TensorSparsity("layer0.W", "DenseLayer", List.of(784L, 300L), 235_200, 23_520),
                new TensorSparsity("output.W", "OutputLayer", List.of(4L, 2L), 8, 0)),
            310,
            List.of("odd.W"));

    assertThat(report.toString())
        .isEqualTo(
            """
            parameter            layer     shape   weights   non-zeros   sparsity   ratio
            ─────────────────────────────────────────────────────────────────────────────
            layer0.W        DenseLayer   784×300   235,200      23,520     90.00%   10.0×
            output.W       OutputLayer       4×2         8           0    100.00%       ∞
            ─────────────────────────────────────────────────────────────────────────────
            total (‖W‖₀)                           235,208      23,520     90.00%   10.0×
            not counted: 310 other parameters
            left dense, since their layer type is not known: odd.W
            """);
  }

  @Test
  void shouldBeJsonForPrograms() throws Exception {
    SparsityReport report =
        new SparsityReport(
            List.of(
                new TensorSparsity("a.W", "DenseLayer", List.of(2L, 3L), 6, 3),
                new TensorSparsity("b.W", "DenseLayer", List.of(2L), 2, 0)),
            5,
            List.of());

    JsonNode json = new ObjectMapper().readTree(report.toJson());

    JsonNode first = json.get("tensors").get(0);
    assertThat(first.get("name").asText()).isEqualTo("a.W");
    assertThat(first.get("shape").toString()).isEqualTo("[2,3]");
    assertThat(first.get("sparsity").asDouble()).isEqualTo(0.5);
    assertThat(first.get("compressionRatio").asDouble()).isEqualTo(2.0);
    assertThat(json.get("tensors").get(1).get("compressionRatio").isNull()).isTrue();
    assertThat(json.get("total").get("weights").asLong()).isEqualTo(8);
    assertThat(json.get("total").get("nonZeros").asLong()).isEqualTo(3);
    assertThat(json.get("otherParameters").asLong()).isEqualTo(5);
  }

  @Test
  void shouldCountMacsWhereTheyCanBeTold() {
    TensorSparsity conv =
        new TensorSparsity("conv.W", "ConvolutionLayer", List.of(2L, 1L, 3L, 3L), 18, 9, 100);
    TensorSparsity dense = new TensorSparsity("out.W", "OutputLayer", List.of(5L, 2L), 10, 4, 1);

    SparsityReport report = new SparsityReport(List.of(conv, dense), 4, List.of());

    assertThat(report.macs()).hasValue(1_810);
    assertThat(report.nonZeroMacs()).hasValue(904);
    assertThat(report.toString()).contains("MACs", "of non-zeros", "1,810", "904");
    TensorSparsity odd = new TensorSparsity("odd.W", "Odd", List.of(3L), 3, 3);
    assertThat(new SparsityReport(List.of(conv, odd), 0, List.of()).macs()).isEmpty();
    assertThat(new SparsityReport(List.of(conv, odd), 0, List.of()).toString()).contains("?");
  }

  @Test
  void shouldCountMacsOfEveryKind() {
    for (Kind kind : Kind.values()) {
      SparsityReport report = SparsityReport.of(Recipe.of(kind).build());
      report.tensors().stream()
          .filter(tensor -> tensor.positions() != TensorSparsity.UNKNOWN)
          .forEach(tensor -> assertThat(tensor.macs()).isNotNegative());
    }
    assertThat(SparsityReport.of(Recipe.of(Kind.LSTM).build()).macs()).isPresent();
    MultiLayerNetwork dense = Recipe.of(Kind.DENSE).build();
    assertThat(SparsityReport.of(dense).macs()).hasValue(SparsityReport.of(dense).weights());
    assertThatThrownBy(
            () -> SparsityReport.of(dense, InputType.feedForward(7), InputType.feedForward(7)))
        .hasMessage("expected one type for each of 1 inputs of the network, but found 2");
  }
}
