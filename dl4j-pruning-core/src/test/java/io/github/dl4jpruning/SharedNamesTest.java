package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers that share a name: their place tells them apart, and patterns fit them all. */
class SharedNamesTest {

  private static MultiLayerNetwork network() {
    return built(
        new DenseLayer.Builder().name("same").nIn(7).nOut(8).build(),
        new DenseLayer.Builder().name("same").nIn(8).nOut(8).build(),
        new DenseLayer.Builder().name("same").nIn(8).nOut(8).build());
  }

  private static MultiLayerNetwork built(org.deeplearning4j.nn.conf.layers.Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(4)
            .updater(new Adam(0.01))
            .activation(Activation.TANH)
            .list();
    for (org.deeplearning4j.nn.conf.layers.Layer layer : layers) {
      list.layer(layer);
    }
    list.layer(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .name("output")
            .activation(Activation.SOFTMAX)
            .nIn(8)
            .nOut(3)
            .build());
    MultiLayerNetwork network = new MultiLayerNetwork(list.build());
    network.init();
    return network;
  }

  private static DataSet batch(int seed) {
    return Recipe.of(Networks.Kind.DENSE).batch(seed);
  }

  private static void train(MultiLayerNetwork network, int from, int to) {
    for (int t = from; t < to; t++) {
      network.fit(batch(t));
    }
  }

  private static PruningListener.Builder half() {
    return PruningListener.builder().schedule(SparsitySchedules.constant(0.5));
  }

  @Test
  void reportsTellThemApart() {
    SparsityReport report = SparsityReport.of(network());
    assertThat(report.tensors())
        .extracting(tensor -> tensor.name())
        .containsExactly("same#1.W", "same#2.W", "same#3.W", "output.W");
    // A name that is taken is not given again.
    MultiLayerNetwork taken =
        built(
            new DenseLayer.Builder().name("a").nIn(7).nOut(8).build(),
            new DenseLayer.Builder().name("a#1").nIn(8).nOut(8).build(),
            new DenseLayer.Builder().name("a").nIn(8).nOut(8).build());
    assertThat(NetworkParameters.of(taken).parameters())
        .extracting(PrunableParameter::name)
        .doesNotHaveDuplicates();
  }

  @Test
  void theyHavePositionsOfTheirOwn() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).name("c").nOut(3).build())
                .layer(new ConvolutionLayer.Builder(3, 3).name("c").nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).name("c").nOut(2).build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
    network.init();
    assertThat(SparsityReport.of(network, InputType.convolutional(8, 8, 1)).tensors())
        .extracting(tensor -> tensor.positions())
        .containsExactly(36L, 16L, 1L);
  }

  @Test
  void randomMasksDiffer() {
    MultiLayerNetwork network = network();
    PruningListener pruning =
        half()
            .criterion(ImportanceCriterion.random(1))
            .distribution(SparsityDistribution.uniform())
            .build();
    pruning.attachTo(network);
    train(network, 0, 1);
    List<Mask> masks = pruning.masks();
    assertThat(masks.get(1)).isNotEqualTo(masks.get(2));
  }

  @Test
  void patternsFitAllOfThemAndPlacesOne() {
    MultiLayerNetwork network = network();
    NetworkParameters all = NetworkParameters.of(network);
    assertThat(select(all, ParameterFilter.layers("same"))).hasSize(3);
    assertThat(select(all, ParameterFilter.layers("same#2"))).containsExactly("same#2.W");
    assertThat(select(all, ParameterFilter.layersMatching("sa.e"))).hasSize(3);
    assertThat(select(all, ParameterFilter.weights().exceptLayers("same")))
        .containsExactly("output.W");
    assertThatThrownBy(() -> select(all, ParameterFilter.layers("same#4")))
        .hasMessageContaining("same#4");
  }

  private static List<String> select(NetworkParameters all, ParameterFilter filter) {
    return filter.select(all.parameters(), all.layers()).stream()
        .filter(parameter -> parameter.role() == PrunableParameter.Role.WEIGHT)
        .map(PrunableParameter::name)
        .toList();
  }

  @Test
  void aScanLooksAtEachAlone() {
    MultiLayerNetwork network = network();
    network.getParam("1_W").muli(0.001); // hardly matters
    SensitivityResult result =
        SensitivityScan.builder()
            .sparsities(0.5, 0.9)
            .scoreCalculator(
                new DataSetLossCalculator(new ListDataSetIterator<>(batch(9).asList(), 5), true))
            .build()
            .scan(network, new ListDataSetIterator<>(batch(1).asList(), 5));
    assertThat(result.layers())
        .extracting(layer -> layer.layer() + " " + layer.weights())
        .containsExactly("same#1 56", "same#2 64", "same#3 64", "output 24");
    assertThat(result.layers().get(0).probes()).isNotEqualTo(result.layers().get(2).probes());
  }

  @Test
  void aScanTakesNoNameForAPattern() {
    List<List<SensitivityResult.Probe>> probes = new ArrayList<>();
    for (List<String> names : List.of(List.of("x", "y", "z"), List.of("a*", "ab", "??"))) {
      MultiLayerNetwork network =
          built(
              new DenseLayer.Builder().name(names.get(0)).nIn(7).nOut(8).build(),
              new DenseLayer.Builder().name(names.get(1)).nIn(8).nOut(8).build(),
              new DenseLayer.Builder().name(names.get(2)).nIn(8).nOut(8).build());
      SensitivityResult result =
          SensitivityScan.builder()
              .sparsities(0.5, 0.9)
              .scoreCalculator(
                  new DataSetLossCalculator(new ListDataSetIterator<>(batch(9).asList(), 5), true))
              .build()
              .scan(network, new ListDataSetIterator<>(batch(1).asList(), 5));
      probes.add(result.layers().stream().flatMap(layer -> layer.probes().stream()).toList());
    }
    assertThat(probes.get(1)).isEqualTo(probes.get(0));
  }

  @Test
  void savedAndShrunkTheyGoOn(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = network();
    PruningListener pruning = half().criterion(ImportanceCriterion.movement()).build();
    pruning.attachTo(network);
    train(network, 0, 4);
    Path zip = folder.resolve("saved.zip");
    PruningCheckpoint.save(network, pruning, zip);
    Path compact = folder.resolve("saved.compact");
    CompactModelSerializer.write(
        network, compact, CompactOptions.builder().updaterState(true).build());
    MultiLayerNetwork fromZip = PruningCheckpoint.load(zip).multiLayerNetwork();
    MultiLayerNetwork fromCompact = CompactModelSerializer.restoreMultiLayerNetwork(compact);
    INDArray input = batch(5).getFeatures();
    INDArray output = network.output(input);
    assertThat(NetworkShrinker.shrink(network).output(input).equalsWithEps(output, 1e-6)).isTrue();
    train(network, 4, 7);
    train(fromZip, 4, 7);
    train(fromCompact, 4, 7);
    assertThat(Invariants.bits(fromZip)).isEqualTo(Invariants.bits(network));
    assertThat(Invariants.bits(fromCompact)).isEqualTo(Invariants.bits(network));
  }

  @Test
  void coupledChannelsGoAndTheNetworkShrinks() {
    MultiLayerNetwork network = network();
    PruningListener pruning = half().pattern(SparsityPattern.coupledChannels()).build();
    pruning.attachTo(network);
    train(network, 0, 4);
    INDArray input = batch(5).getFeatures();
    INDArray output = network.output(input);
    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
    assertThat(smaller.numParams()).isLessThan(network.numParams());
    assertThat(smaller.output(input).equalsWithEps(output, 1e-5)).isTrue();
    MultiLayerNetwork left =
        NetworkShrinker.builder().exceptLayers("same").build().apply(network).network();
    assertThat(left.numParams()).isEqualTo(network.numParams());
  }

  @Test
  void aFrozenOneIsToldFromOneThatTrains() {
    MultiLayerNetwork network =
        built(
            new FrozenLayer(new DenseLayer.Builder().name("same").nIn(7).nOut(8).build()),
            new DenseLayer.Builder().name("same").nIn(8).nOut(8).build());
    PruningListener pruning =
        half()
            .criterion(ImportanceCriterion.gradient())
            .distribution(SparsityDistribution.uniform())
            .build();
    pruning.attachTo(network);
    train(network, 0, 1);
    Mask trained = pruning.masks().get(1);
    // By the gradient and not by position, as ties would be.
    boolean[] first = new boolean[trained.length()];
    java.util.Arrays.fill(first, 0, trained.kept(), true);
    assertThat(trained).isNotEqualTo(Mask.of(first));
  }

  @Test
  void eachHasTheScalesThatFollowIt() {
    MultiLayerNetwork network =
        built(
            new DenseLayer.Builder().name("same").nIn(7).nOut(8).build(),
            new BatchNormalization.Builder().name("same").nOut(8).build(),
            new DenseLayer.Builder().name("same").nIn(8).nOut(8).build(),
            new BatchNormalization.Builder().name("same").nOut(8).build());
    Random random = new Random(2);
    for (int layer : new int[] {1, 3}) {
      INDArray gamma = network.getParam(layer + "_gamma");
      for (int i = 0; i < 8; i++) {
        gamma.putScalar(i, random.nextDouble());
      }
    }
    NetworkParameters all = NetworkParameters.of(network);
    List<PrunableParameter> weights =
        all.parameters().stream().filter(p -> p.key().equals("W")).toList();
    assertThat(all.outputScales(weights.get(0)))
        .hasValue(network.getParam("1_gamma").toDoubleVector());
    assertThat(all.outputScales(weights.get(1)))
        .hasValue(network.getParam("3_gamma").toDoubleVector());
  }
}
