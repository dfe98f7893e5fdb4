package io.github.dl4jpruning.oneshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

class OneShotPrunerTest {

  static MultiLayerNetwork network(DataType type, InputType input, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .activation(Activation.RELU)
            .updater(new Sgd(0.05))
            .list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  static MultiLayerNetwork perceptron(DataType type) {
    return network(
        type,
        InputType.feedForward(12),
        new DenseLayer.Builder().nOut(16).biasInit(0.1).build(),
        new DenseLayer.Builder().nOut(10).build(),
        new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
  }

  /** Inputs that depend on each other, without labels. */
  static INDArray inputs(DataType type, int samples, int size) {
    Nd4j.getRandom().setSeed(11);
    INDArray mixed = Nd4j.randn(DataType.DOUBLE, samples, size);
    INDArray by =
        Nd4j.randn(DataType.DOUBLE, size, size).addi(Nd4j.eye(size).castTo(DataType.DOUBLE));
    return mixed.mmul(by).addi(0.5).castTo(type);
  }

  /** Batches of 16, as they come: DL4J's lists cannot join samples without labels. */
  static DataSetIterator batches(INDArray features) {
    List<DataSet> batches = new ArrayList<>();
    for (long from = 0; from < features.size(0); from += 16) {
      long to = Math.min(features.size(0), from + 16);
      batches.add(new DataSet(features.get(NDArrayIndex.interval(from, to)).dup(), null));
    }
    return new ExistingDataSetIterator(batches);
  }

  /**
   * The gradient of the squared error is zero at each weight that stays, and so is the mean error.
   */
  @Test
  void shouldGiveTheLeastSquaresSolution() {
    INDArray features = inputs(DataType.DOUBLE, 200, 12);
    MultiLayerNetwork network = perceptron(DataType.DOUBLE);

    MultiLayerNetwork pruned =
        OneShotPruner.builder()
            .sparsity(0.6)
            .damping(0)
            .parameters(ParameterFilter.layers("layer0"))
            .build()
            .prune(network, batches(features))
            .network();

    INDArray weights = network.getParam("0_W");
    INDArray after = pruned.getParam("0_W");
    INDArray errors =
        features
            .mmul(after.sub(weights))
            .addRowVector(pruned.getParam("0_b").sub(network.getParam("0_b")).ravel());
    assertThat(errors.mean(0).amaxNumber().doubleValue()).isCloseTo(0, within(1e-8));
    INDArray gradient = features.transpose().mmul(errors).div(200);
    int zeros = 0;
    for (int i = 0; i < 12; i++) {
      for (int o = 0; o < 16; o++) {
        zeros += after.getDouble(i, o) == 0.0 ? 1 : 0;
        if (after.getDouble(i, o) != 0.0) {
          assertThat(gradient.getDouble(i, o)).isCloseTo(0, within(1e-8));
        }
      }
    }
    assertThat(zeros).isEqualTo((int) Math.round(0.6 * 12 * 16));
    assertThat(pruned.getParam("1_W")).isEqualTo(network.getParam("1_W"));
  }

  @Test
  void shouldLoseLessThanOtherRankings() {
    INDArray features = inputs(DataType.FLOAT, 400, 12);
    MultiLayerNetwork network = perceptron(DataType.FLOAT);
    INDArray expected = network.output(features);
    Map<Ranking, Double> errors = new EnumMap<>(Ranking.class);
    for (Ranking ranking : Ranking.values()) {
      MultiLayerNetwork pruned =
          OneShotPruner.builder()
              .sparsity(0.6)
              .ranking(ranking)
              .build()
              .prune(network, batches(features))
              .network();
      errors.put(ranking, pruned.output(features).sub(expected).norm2Number().doubleValue());
    }
    assertThat(errors.get(Ranking.RECONSTRUCTION))
        .isLessThan(0.7 * errors.get(Ranking.ACTIVATION))
        .isLessThan(0.7 * errors.get(Ranking.CRITERION));
  }

  /** Later layers are corrected for the inputs that they get from pruned ones. */
  @Test
  void shouldCorrectConvolutionsAndRecurrentLayers() {
    MultiLayerNetwork images =
        network(
            DataType.FLOAT,
            InputType.convolutional(8, 8, 2),
            new ConvolutionLayer.Builder(3, 3).nOut(6).build(),
            new BatchNormalization(),
            new ConvolutionLayer.Builder(3, 3).nOut(6).hasBias(false).build(),
            new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
    MultiLayerNetwork sequences =
        network(
            DataType.FLOAT,
            InputType.recurrent(5, 9),
            new LSTM.Builder().nOut(8).activation(Activation.TANH).build(),
            new RnnOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
    check(images, inputs(DataType.FLOAT, 60, 128).reshape(60, 2, 8, 8), 3);
    check(sequences, inputs(DataType.FLOAT, 60, 45).reshape(60, 5, 9), 2);
  }

  private static void check(MultiLayerNetwork network, INDArray features, int layers) {
    INDArray expected = network.output(features);
    OneShotResult<MultiLayerNetwork> plain =
        OneShotPruner.builder()
            .sparsity(0.5)
            .criterion(ImportanceCriterion.magnitude())
            .build()
            .prune(network, batches(features));
    OneShotResult<MultiLayerNetwork> result =
        OneShotPruner.builder().sparsity(0.5).build().prune(network, batches(features));
    assertThat(result.layers()).hasSize(layers).allMatch(LayerReport::corrected);
    assertThat(result.layers()).allMatch(layer -> layer.after() <= layer.before());
    double error = result.network().output(features).sub(expected).norm2Number().doubleValue();
    double without = plain.network().output(features).sub(expected).norm2Number().doubleValue();
    assertThat(error).isLessThan(0.7 * without);
    assertThat(result.toString()).contains("corrected", "sparsity 50.00%");
  }

  @Test
  void shouldChangeNothingAtSparsityZero() {
    MultiLayerNetwork network =
        network(
            DataType.FLOAT,
            InputType.feedForward(6),
            new DenseLayer.Builder().nOut(6).build(),
            new BatchNormalization(),
            new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());

    OneShotResult<MultiLayerNetwork> result =
        OneShotPruner.builder()
            .sparsity(0)
            .build()
            .prune(network, batches(inputs(DataType.FLOAT, 40, 6)));

    assertThat(result.network()).isNotSameAs(network);
    assertThat(result.network().params()).isEqualTo(network.params());
    assertThat(result.network().getListeners()).isEmpty();
  }

  /** Mean and variance of what the batch normalisation reads change as the inputs do. */
  @Test
  void shouldLetBatchStatisticsFollow() {
    INDArray features = inputs(DataType.DOUBLE, 300, 6);
    MultiLayerNetwork network =
        network(
            DataType.DOUBLE,
            InputType.feedForward(6),
            new DenseLayer.Builder().nOut(6).activation(Activation.IDENTITY).build(),
            new BatchNormalization(),
            new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build());
    INDArray before = network.feedForward(features).get(1);
    network.setParam("1_mean", before.mean(0));
    network.setParam("1_log10stdev", log10(before.std(false, 0)));
    OneShotPruner.Builder pruner =
        OneShotPruner.builder().sparsity(0.5).criterion(ImportanceCriterion.magnitude());

    MultiLayerNetwork pruned = pruner.build().prune(network, batches(features)).network();

    INDArray after = pruned.feedForward(features).get(1);
    assertThat(pruned.getParam("1_mean").ravel().sub(after.mean(0)).amaxNumber().doubleValue())
        .isLessThan(1e-9);
    INDArray deviation = log10(after.std(false, 0));
    assertThat(pruned.getParam("1_log10stdev").ravel().sub(deviation).amaxNumber().doubleValue())
        .isLessThan(1e-9);
    MultiLayerNetwork kept =
        pruner.recalibrate(false).build().prune(network, batches(features)).network();
    assertThat(kept.getParam("1_mean")).isEqualTo(network.getParam("1_mean"));
  }

  private static INDArray log10(INDArray values) {
    return Transforms.log(values).div(Math.log(10));
  }

  @Test
  void shouldTakePatternsDistributionsAndFilters() {
    INDArray features = inputs(DataType.FLOAT, 100, 12);
    MultiLayerNetwork network = perceptron(DataType.FLOAT);

    MultiLayerNetwork groups =
        OneShotPruner.builder()
            .sparsity(0.5)
            .pattern(SparsityPattern.keep(2).of(4))
            .distribution(SparsityDistribution.uniform())
            .parameters(ParameterFilter.layers("layer0"))
            .build()
            .prune(network, batches(features))
            .network();
    INDArray weights = groups.getParam("0_W");
    for (int o = 0; o < 16; o++) {
      for (int from = 0; from < 12; from += 4) {
        int zeros = 0;
        for (int i = from; i < from + 4; i++) {
          zeros += weights.getDouble(i, o) == 0.0 ? 1 : 0;
        }
        assertThat(zeros).isEqualTo(2);
      }
    }

    OneShotResult<MultiLayerNetwork> channels =
        OneShotPruner.builder()
            .sparsity(0.5)
            .pattern(SparsityPattern.coupledChannels())
            .build()
            .prune(network, batches(features));
    MultiLayerNetwork small = NetworkShrinker.shrink(channels.network());
    assertThat(small.layerSize(0) + small.layerSize(1)).isEqualTo(13);
    assertThat(
            small
                .output(features)
                .sub(channels.network().output(features))
                .amaxNumber()
                .doubleValue())
        .isLessThan(1e-5);
    // The units that stay in the layer behind make up for those that went before it.
    assertThat(channels.layers().get(2).after())
        .isLessThan(0.9 * channels.layers().get(2).before());
  }

  @Test
  void shouldReportProgressAndEndWhenCancelled() {
    MultiLayerNetwork network = perceptron(DataType.FLOAT);
    INDArray features = inputs(DataType.FLOAT, 40, 12);
    List<String> seen = new ArrayList<>();

    OneShotPruner.builder()
        .sparsity(0.5)
        .addListener((layer, done, all) -> seen.add(layer.layer() + " " + done + "/" + all))
        .build()
        .prune(network, batches(features));

    assertThat(seen).containsExactly("layer0 1/3", "layer1 2/3", "layer2 3/3");
    assertThatThrownBy(
            () ->
                OneShotPruner.builder()
                    .sparsity(0.5)
                    .cancelWhen(() -> true)
                    .build()
                    .prune(network, batches(features)))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void shouldRefuseBadInput() {
    MultiLayerNetwork network = perceptron(DataType.FLOAT);
    INDArray before = network.params().dup();
    OneShotPruner pruner = OneShotPruner.builder().sparsity(0.5).build();
    INDArray features = inputs(DataType.FLOAT, 20, 12);

    assertThatThrownBy(() -> OneShotPruner.builder().build())
        .hasMessageContaining("sparsity must be in [0, 1), but is NaN");
    assertThatThrownBy(() -> OneShotPruner.builder().sparsity(1).build())
        .hasMessageContaining("but is 1.0");
    assertThatThrownBy(() -> OneShotPruner.builder().sparsity(0.5).damping(-1).build())
        .hasMessageContaining("damping must be");
    assertThatThrownBy(() -> pruner.prune(network, new ExistingDataSetIterator(List.of())))
        .hasMessageContaining("calibration must have at least one batch");
    assertThatThrownBy(() -> pruner.prune(network, batches(inputs(DataType.FLOAT, 20, 7))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it refuses a batch of the shape [16, 7]");
    INDArray broken = features.dup();
    broken.putScalar(3, 3, Float.NaN);
    assertThatThrownBy(() -> pruner.prune(network, batches(broken)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("layer0: expected finite inputs");
    INDArray constant = features.dup();
    constant.getColumn(2).assign(4);
    assertThatThrownBy(
            () ->
                OneShotPruner.builder()
                    .sparsity(0.5)
                    .damping(0)
                    .build()
                    .prune(network, batches(constant)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer0: ")
        .hasMessageContaining("damping above 0 helps");
    assertThat(pruner.prune(network, batches(constant)).sparsity()).isEqualTo(0.5, within(0.01));
    assertThat(network.params()).isEqualTo(before);
  }
}
