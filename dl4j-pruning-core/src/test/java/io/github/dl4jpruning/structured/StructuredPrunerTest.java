package io.github.dl4jpruning.structured;

import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.data;
import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.layers;
import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.pruner;
import static io.github.dl4jpruning.structured.StructuredPrunerFixtures.trained;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A structured pruner reaches its target of parameters, MACs or latency with every choice, goes
 * back to the last good network, and refuses what cannot be.
 */
class StructuredPrunerTest {

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
