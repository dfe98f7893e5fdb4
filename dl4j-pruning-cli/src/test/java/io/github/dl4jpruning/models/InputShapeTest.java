package io.github.dl4jpruning.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.report.TensorSparsity;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class InputShapeTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0", "3x0", "-1", "a", "1x2x3x4", "3 x 4", "12345678901"})
  void shouldRefuseWhatIsNoShape(String text) {
    assertThatThrownBy(() -> InputShape.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32x32x3")
        .hasMessageEndingWith("but found " + text);
  }

  private static MultiLayerNetwork images(CNN2DFormat format) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(2, 2).nOut(3).dataFormat(format).build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build())
                .setInputType(InputType.convolutional(5, 6, 2, format))
                .build());
    network.init();
    return network;
  }

  @Test
  void shouldFollowTheOrderOfAxesOfTheNetwork() {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      assertThat(InputShape.types(images(format), List.of(InputShape.parse("5x6x2"))))
          .containsExactly(InputType.convolutional(5, 6, 2, format));
      Inspection inspection =
          Inspection.of(
              images(format), InputShape.types(images(format), List.of(InputShape.parse("5x6x2"))));
      // 2x2 kernels of 2 channels for 3 outputs at 4x5 positions; then 60 values for 2 outputs.
      assertThat(inspection.layers().get(0).macs()).isEqualTo(2 * 2 * 2 * 3 * 4 * 5);
      assertThat(inspection.layers().get(1).macs()).isEqualTo(60 * 2);
      assertThat(inspection.obstacle()).isEmpty();
      assertThat(inspection.toString()).contains("export: yes", "ConvolutionLayer");
    }
  }

  @Test
  void shouldCountNoPositionsThatCannotBe() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(3).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build())
                .build());
    network.init();
    for (int size = 1; size < 7; size++) {
      Inspection inspection = Inspection.of(network, InputType.convolutional(size, size, 2));
      for (int layer = 0; layer < 2; layer++) {
        long positions = Math.max(0, size - 2L * (layer + 1));
        long weights = inspection.layers().get(layer).weights();
        assertThat(inspection.layers().get(layer).macs())
            .as("layer %d, %d positions", layer, positions)
            .isEqualTo(positions == 0 ? TensorSparsity.UNKNOWN : weights * positions * positions);
      }
    }
  }

  @Test
  void shouldAskForAShapeForEachInput() {
    assertThatThrownBy(
            () ->
                InputShape.types(
                    images(CNN2DFormat.NCHW),
                    List.of(InputShape.parse("3"), InputShape.parse("4"))))
        .hasMessageContaining("each of the 1 inputs")
        .hasMessageContaining("found 2");
  }
}
