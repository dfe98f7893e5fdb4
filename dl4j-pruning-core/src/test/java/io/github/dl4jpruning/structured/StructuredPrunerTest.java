package io.github.dl4jpruning.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.Retry;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.structured.StructuredPruner.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class StructuredPrunerTest {

  private static final int SIDE = 8;

  /** Bright rows above, below, or a bright column: not hard to tell apart. */
  private static DataSetIterator data(long seed) {
    Nd4j.getRandom().setSeed(seed);
    List<DataSet> batches = new ArrayList<>();
    for (int b = 0; b < 8; b++) {
      INDArray features = Nd4j.rand(16, SIDE * SIDE).muli(0.5);
      INDArray labels = Nd4j.zeros(16, 3);
      for (int i = 0; i < 16; i++) {
        int label = (i + b) % 3;
        labels.putScalar(i, label, 1.0);
        for (int j = 0; j < SIDE; j++) {
          int pixel = label == 2 ? j * SIDE + 3 : (label == 0 ? 1 : 5) * SIDE + j;
          features.putScalar(i, pixel, 1.0);
        }
      }
      batches.add(new DataSet(features, labels));
    }
    return new ListDataSetIterator<>(batches, 16);
  }

  private static NeuralNetConfiguration.ListBuilder layers() {
    return new NeuralNetConfiguration.Builder()
        .seed(7)
        .updater(new Adam(0.005))
        .activation(Activation.RELU)
        .list()
        .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).name("conv1").build())
        .layer(new BatchNormalization.Builder().name("norm").build())
        .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).name("conv2").build())
        .layer(new DenseLayer.Builder().nOut(16).name("dense").build())
        .layer(
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .name("output")
                .activation(Activation.SOFTMAX)
                .build())
        .setInputType(InputType.convolutionalFlat(SIDE, SIDE, 1));
  }

  private static MultiLayerNetwork trained() {
    MultiLayerNetwork network = new MultiLayerNetwork(layers().build());
    network.init();
    network.fit(data(1), 3);
    return network;
  }

  private static ScoreCalculator<?> loss() {
    return new DataSetLossCalculator(data(2), true);
  }

  private static StructuredPruner.Builder pruner() {
    return StructuredPruner.builder().fineTuneEpochs(2).scoreCalculator(loss());
  }

  @ParameterizedTest
  @EnumSource(Cost.class)
  void shouldReachATarget(Cost cost) throws IOException {
    MultiLayerNetwork network = trained();
    INDArray before = network.params().dup();
    StructuredPruner.Builder builder = pruner().rounds(2);
    StructuredPruner pruner =
        switch (cost) {
          case PARAMETERS -> builder.targetParameters(0.25).build();
          case MACS -> builder.targetMacs(0.25).build();
          case LATENCY -> builder.targetLatency(0.9).build();
        };

    StructuredPruningResult<MultiLayerNetwork> result = pruner.prune(network, data(1));

    assertThat(result.complete()).as(result.toString()).isTrue();
    assertThat(result.rounds()).hasSize(2);
    if (cost == Cost.PARAMETERS) {
      assertThat(result.network().numParams()).isLessThanOrEqualTo(network.numParams() / 4);
    } else if (cost == Cost.MACS) {
      double macs = (double) SparsityReport.of(network).macs().orElseThrow();
      assertThat(result.costBefore()).isEqualTo(macs);
      assertThat(result.costAfter())
          .isEqualTo((double) SparsityReport.of(result.network()).macs().orElseThrow())
          .isBetween(0.15 * macs, 0.25 * macs);
    }
    assertThat(result.network()).isNotSameAs(network);
    assertThat(network.params()).isEqualTo(before);
    assertThat(network.getListeners()).isEmpty();
    assertThat(result.toString()).contains("round", "100.0%", "accepted", "The target was reached");
  }

  static Stream<Arguments> choices() {
    return Stream.of(
        Arguments.of(pruner().criterion(ImportanceCriterion.taylor())),
        Arguments.of(
            pruner().distribution(io.github.dl4jpruning.allocate.SparsityDistribution.uniform())),
        Arguments.of(pruner().distillation(0.5, 2.0)),
        Arguments.of(pruner().patience(1)));
  }

  @ParameterizedTest
  @MethodSource("choices")
  void shouldTakeAllChoices(StructuredPruner.Builder choices) throws IOException {
    ComputationGraph graph = trained().toComputationGraph();

    StructuredPruningResult<ComputationGraph> result =
        choices.targetMacs(0.4).build().prune(graph, data(1));

    assertThat(result.complete()).isTrue();
    assertThat(SparsityReport.of(result.network()).macs().orElseThrow())
        .isLessThanOrEqualTo((long) (0.4 * result.costBefore()));
  }

  @Test
  void shouldGoBackToTheLastGoodNetwork() throws IOException {
    MultiLayerNetwork network = trained();
    List<PruningRound> told = new ArrayList<>();

    StructuredPruningResult<MultiLayerNetwork> result =
        pruner()
            .targetMacs(0.05)
            .maxScoreDrop(0.0)
            .retries(Retry.MORE_EPOCHS)
            .rounds(1)
            .scoreCalculator(new Worse())
            .addListener(
                new IterativePruningListener() {
                  @Override
                  public void onRound(PruningRound round) {
                    told.add(round);
                  }
                })
            .build()
            .prune(network, data(1));

    assertThat(result.complete()).isFalse();
    assertThat(result.network().params()).isEqualTo(network.params());
    assertThat(result.rounds()).hasSize(2).isEqualTo(told);
    assertThat(result.rounds().get(1).epochs()).isEqualTo(4);
    assertThat(result.reason())
        .contains("worse than that of the dense network", "100% of its MACs");
  }

  /** Gives each network that it meets a worse score than the one before. */
  private static final class Worse implements ScoreCalculator<Model> {
    private static final long serialVersionUID = 1;
    private int calls;

    @Override
    public double calculateScore(Model network) {
      return calls++;
    }

    @Override
    public boolean minimizeScore() {
      return true;
    }
  }

  @Test
  void shouldSayThatNoNetworkIsSoFast() throws IOException {
    StructuredPruningResult<MultiLayerNetwork> result =
        pruner().targetLatency(1e-6).build().prune(trained(), data(1));

    assertThat(result.complete()).isFalse();
    assertThat(result.rounds()).noneMatch(PruningRound::accepted);
    assertThat(result.reason()).contains("no network was found with latency that low");
  }

  @Test
  void shouldMeasureWithAMeterOfTheCallers() throws IOException {
    MultiLayerNetwork network = trained();
    LatencyMeter byParameters =
        (before, after) ->
            Speedup.of(
                new double[] {(double) before.numParams()},
                new double[] {(double) after.numParams()});

    StructuredPruningResult<MultiLayerNetwork> result =
        pruner().targetLatency(0.5).latencyBy(byParameters).build().prune(network, data(1));

    assertThat(result.complete()).as(result.toString()).isTrue();
    assertThat(result.network().numParams()).isLessThanOrEqualTo(network.numParams() / 2);
    assertThat(result.latency().orElseThrow().before()).isEqualTo((double) network.numParams());
    assertThatThrownBy(() -> pruner().targetMacs(0.5).latencyBy(byParameters).build())
        .hasMessageContaining("latencyBy must be set only with targetLatency");
  }

  @Test
  void shouldReportTheTimeThatWasAcceptedAndNoOther(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = trained();
    StructuredPruner pruner = pruner().targetLatency(0.95).rounds(2).directory(folder).build();

    StructuredPruningResult<MultiLayerNetwork> result = pruner.prune(network, data(1));

    assertThat(result.complete()).as(result.toString()).isTrue();
    PruningRound last = result.rounds().get(result.rounds().size() - 1);
    double left = result.costAfter() / result.costBefore();
    assertThat(left).isEqualTo(1.0 - last.sparsity(), within(1e-12)).isLessThanOrEqualTo(0.95);
    assertThat(result.latency().orElseThrow().after()).isEqualTo(result.costAfter());
    assertThat(result.toString()).contains(result.latency().orElseThrow().toString());

    // A run that goes on measures nothing again that was decided.
    StructuredPruningResult<MultiLayerNetwork> again = pruner.prune(network, data(1));
    assertThat(again.costBefore()).isEqualTo(result.costBefore());
    assertThat(again.costAfter()).isEqualTo(result.costAfter());
    assertThat(again).hasToString(result.toString());
  }

  @Test
  void shouldReportTheSameTimeAgainWhereNothingWasAccepted(@TempDir Path folder)
      throws IOException {
    StructuredPruner pruner = pruner().targetLatency(1e-6).directory(folder).build();
    MultiLayerNetwork network = trained();

    StructuredPruningResult<MultiLayerNetwork> result = pruner.prune(network, data(1));

    assertThat(result.rounds().get(0).sparsity())
        .isEqualTo(1.0 - result.costAfter() / result.costBefore(), within(1e-12));
    assertThat(pruner.prune(network, data(1))).hasToString(result.toString());
  }

  @Test
  void shouldKeepToTheFloorsOfADistribution() throws IOException {
    SparsityDistribution floors = SparsityDistribution.global().neverAbove(0.6);

    StructuredPruningResult<MultiLayerNetwork> result =
        pruner().distribution(floors).targetMacs(0.5).build().prune(trained(), data(1));

    assertThat(result.complete()).isTrue();
    assertThatThrownBy(
            () -> pruner().distribution(floors).targetMacs(0.06).build().prune(trained(), data(1)))
        .hasMessageContaining("cannot be met");
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    MultiLayerNetwork network = trained();
    INDArray before = network.params().dup();

    assertThatThrownBy(() -> pruner().targetParameters(0.0001).build().prune(network, data(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the target of 0.01% of the parameters cannot be met");
    assertThatThrownBy(
            () ->
                pruner()
                    .targetMacs(0.5)
                    .parameters(ParameterFilter.layers("output"))
                    .build()
                    .prune(network, data(1)))
        .hasMessageContaining("expected a layer whose channels can be removed");
    assertThatThrownBy(
            () ->
                pruner()
                    .targetMacs(0.5)
                    .parameters(ParameterFilter.layers("conv9"))
                    .build()
                    .prune(network, data(1)))
        .hasMessageContaining("conv9");
    assertThatThrownBy(
            () ->
                pruner()
                    .targetMacs(0.5)
                    .build()
                    .prune(new MultiLayerNetwork(layers().build()), data(1)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(network.params()).isEqualTo(before);
  }

  /** Batches that come in another order after each reset. */
  private static final class Shuffled extends ListDataSetIterator<DataSet> {
    private static final long serialVersionUID = 1;
    private final Random random = new Random(3);
    private final List<DataSet> batches;
    private int next;

    Shuffled(List<DataSet> batches) {
      super(batches, 16);
      this.batches = new ArrayList<>(batches);
      next = batches.size();
    }

    static Shuffled of(DataSetIterator data) {
      List<DataSet> batches = new ArrayList<>();
      data.forEachRemaining(batches::add);
      return new Shuffled(batches);
    }

    @Override
    public synchronized boolean hasNext() {
      return next < batches.size();
    }

    @Override
    public synchronized DataSet next() {
      return batches.get(next++);
    }

    @Override
    public synchronized void reset() {
      Collections.shuffle(batches, random);
      next = 0;
    }
  }

  /** Stands for the process that is killed. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static StructuredPruner.Builder saved(Path folder) {
    return pruner()
        .criterion(ImportanceCriterion.taylor())
        .distillation(0.5, 1.0)
        .targetMacs(0.2)
        .rounds(3)
        .directory(folder);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 6})
  void shouldEndWithTheSameBitsWhenItIsKilledAndGoesOn(int epoch, @TempDir Path folder)
      throws IOException {
    MultiLayerNetwork network = trained();
    StructuredPruningResult<MultiLayerNetwork> whole =
        saved(folder.resolve("whole")).build().prune(network, Shuffled.of(data(1)));
    int[] epochs = {0};
    IterativePruningListener killer =
        new IterativePruningListener() {
          @Override
          public void onEpoch(EpochDone event) {
            epochs[0]++;
            if (epochs[0] == epoch) {
              throw new Killed();
            }
          }
        };
    Path killed = folder.resolve("killed");
    assertThatThrownBy(
            () -> saved(killed).addListener(killer).build().prune(network, Shuffled.of(data(1))))
        .isInstanceOf(Killed.class);
    List<PruningRound> told = new ArrayList<>();

    StructuredPruningResult<MultiLayerNetwork> result =
        saved(killed)
            .addListener(
                new IterativePruningListener() {
                  @Override
                  public void onRound(PruningRound round) {
                    told.add(round);
                  }
                })
            .build()
            .prune(network, Shuffled.of(data(1)));

    assertThat(result.rounds()).isEqualTo(whole.rounds()).hasSize(3);
    assertThat(told).hasSize(3 - (epoch - 1) / 2);
    assertThat(result.network().params()).isEqualTo(whole.network().params());
    assertThat(result.network().getUpdater().getStateViewArray())
        .isEqualTo(whole.network().getUpdater().getStateViewArray());
    assertThat(Files.exists(killed.resolve("round-03.zip"))).isTrue();

    // A run that is at its end is not run again.
    StructuredPruningResult<MultiLayerNetwork> again =
        saved(killed).build().prune(network, Shuffled.of(data(1)));
    assertThat(again.network().params()).isEqualTo(whole.network().params());
    assertThat(again.complete()).isTrue();
  }

  @Test
  void shouldRefuseTheFilesOfAnotherRun(@TempDir Path folder) throws IOException {
    MultiLayerNetwork network = trained();
    saved(folder).build().prune(network, data(1));
    MultiLayerNetwork other = network.clone();
    other.params().muli(1.5);

    assertThatThrownBy(() -> saved(folder).rounds(2).build().prune(network, data(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a run with the settings");
    assertThatThrownBy(() -> saved(folder).runName("seed 2").build().prune(network, data(1)))
        .hasMessageContaining("seed 2");
    assertThatThrownBy(() -> saved(folder).build().prune(other, data(1)))
        .hasMessageContaining("parameters");
    Files.writeString(folder.resolve("round-03.zip"), "no zip");
    assertThatThrownBy(() -> saved(folder).build().prune(network, data(1)))
        .isInstanceOf(IOException.class);
    Files.writeString(folder.resolve("run.json"), "{");
    assertThatThrownBy(() -> saved(folder).build().prune(network, data(1)))
        .hasMessageContaining("it is damaged");
  }

  static Stream<Arguments> badChoices() {
    return Stream.of(
        Arguments.of(pruner(), "a target must be set"),
        Arguments.of(pruner().targetMacs(0.0), "the target of MACs must be in (0, 1), but is 0.0"),
        Arguments.of(pruner().targetParameters(1.0), "the target of parameters must be"),
        Arguments.of(pruner().targetMacs(0.5).rounds(0), "rounds must be 1 or more"),
        Arguments.of(pruner().targetMacs(0.5).fineTuneEpochs(0), "fineTuneEpochs must be set"),
        Arguments.of(pruner().targetMacs(0.5).patience(0), "patience must be 1 or more"),
        Arguments.of(pruner().targetMacs(0.5).scoreCalculator(null), "scoreCalculator must be set"),
        Arguments.of(pruner().targetMacs(0.5).maxScoreDrop(-1), "maxScoreDrop must be 0 or more"),
        Arguments.of(
            pruner().targetMacs(0.5).criterion(ImportanceCriterion.movement()),
            "criterion must be one that uses only the current weights and gradients"),
        Arguments.of(
            pruner().targetMacs(0.5).distribution(SparsityDistribution.budget(10)),
            "distribution must be one that shares out a total"),
        Arguments.of(
            pruner().targetMacs(0.5).pattern(SparsityPattern.channel()),
            "pattern must be coupledChannels"));
  }

  @ParameterizedTest
  @MethodSource("badChoices")
  void shouldRefuseBadChoices(StructuredPruner.Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
