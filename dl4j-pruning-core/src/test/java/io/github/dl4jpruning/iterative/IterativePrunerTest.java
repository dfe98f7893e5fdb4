package io.github.dl4jpruning.iterative;

import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.accuracy;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.change;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.due;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.everything;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.points;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.pruner;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.trained;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.training;
import static io.github.dl4jpruning.iterative.IterativePrunerFixtures.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.SingletonMultiDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Targets and choices of an iterative pruner: each target is reached with every choice, and what
 * does not fit is refused before anything is changed.
 */
class IterativePrunerTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyTargetIsReachedExactly(boolean graph) throws IOException {
    MultiLayerNetwork multiLayer = trained();
    Model network = graph ? multiLayer.toComputationGraph() : multiLayer;
    List<Double> seen = new ArrayList<>();

    IterativePruningResult result =
        pruner()
            .addListener(
                new IterativePruningListener() {
                  @Override
                  public void onRound(PruningRound round) {
                    seen.add(round.sparsity());
                  }
                })
            .build()
            .prune(network, training());

    assertThat(result.complete()).isTrue();
    assertThat(result.network()).isSameAs(network);
    assertThat(result.rounds()).extracting(PruningRound::target).containsExactly(.5, .8);
    assertThat(seen).hasSize(2);
    SparsityReport report = SparsityReport.of(network);
    assertThat(report.weights() - report.nonZeros()).isEqualTo(due(.8, network));
    assertThat(result.sparsity()).isEqualTo(zeros(network));
    @SuppressWarnings("unchecked")
    ScoreCalculator<Model> calculator = (ScoreCalculator<Model>) accuracy();
    assertThat(result.score()).isEqualTo(calculator.calculateScore(network)).isGreaterThan(.6);
  }

  @Test
  void aGraphIsPrunedOnMultiDataSets() throws IOException {
    ComputationGraph graph = trained().toComputationGraph();
    DataSet points = points(1, 48);
    MultiDataSet batch =
        new org.nd4j.linalg.dataset.MultiDataSet(points.getFeatures(), points.getLabels());

    IterativePruningResult result =
        pruner()
            .distillation(.5, 2.0)
            .build()
            .prune(graph, new SingletonMultiDataSetIterator(batch));

    assertThat(result.sparsity()).isCloseTo(.8, within(.01));
  }

  @Test
  void removedWeightsStayRemovedWhenTheNetworkIsTrainedOn() throws IOException {
    MultiLayerNetwork network = trained();
    pruner().build().prune(network, training());
    double before = zeros(network);

    network.fit(training(), 3);

    assertThat(zeros(network)).isEqualTo(before).isGreaterThan(.79);
  }

  static Stream<Arguments> choices() {
    return Stream.of(
        Arguments.of("channels", change(b -> b.pattern(SparsityPattern.channel()))),
        Arguments.of("2:4", change(b -> b.pattern(SparsityPattern.keep(1).of(3)).targets(.3, .5))),
        Arguments.of(
            "magnitude increase",
            change(b -> b.criterion(ImportanceCriterion.magnitudeIncrease()).rampEpochs(1))),
        Arguments.of("movement", change(b -> b.criterion(ImportanceCriterion.movement()))),
        Arguments.of("lamp", change(b -> b.distribution(SparsityDistribution.lamp()))),
        Arguments.of("filter", change(b -> b.parameters(ParameterFilter.layers("layer0")))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("choices")
  void itWorksWith(String name, UnaryOperator<IterativePruner.Builder> change) throws IOException {
    MultiLayerNetwork network = trained();

    IterativePruningResult result =
        change.apply(pruner().targets(.3, .6)).build().prune(network, training());

    assertThat(result.complete()).isTrue();
    assertThat(zeros(network)).isGreaterThan(.3);
  }

  static Stream<Arguments> badBuilders() {
    return Stream.of(
        Arguments.of("targets must be set", IterativePruner.builder().fineTuneEpochs(1)),
        Arguments.of("fineTuneEpochs must be set", pruner().fineTuneEpochs(0)),
        Arguments.of("fineTuneEpochs must be set", pruner().fineTuneEpochs(-1)),
        Arguments.of("denseEpochs must be 0 or more", pruner().denseEpochs(-1)),
        Arguments.of("rampEpochs must be 0 or more", pruner().rampEpochs(-1)),
        Arguments.of("patience must be 1 or more", pruner().patience(0)),
        Arguments.of("scoreCalculator must be set", pruner().scoreCalculator(null)),
        Arguments.of("maxScoreDrop must be 0 or more", pruner().maxScoreDrop(-.1)),
        Arguments.of("maxScoreDrop must be 0 or more", pruner().maxScoreDrop(Double.NaN)),
        Arguments.of(
            "rampEpochs must be 1 or more for a criterion",
            pruner().criterion(ImportanceCriterion.magnitudeIncrease())),
        Arguments.of("maxScoreDrop must be set", pruner().asSparseAsPossible(.9, .1)),
        Arguments.of(
            "denseEpochs must be 1 or more", pruner().retraining(Retraining.weightRewinding(0))),
        Arguments.of(
            "rampEpochs must be 0 for weight rewinding",
            pruner().denseEpochs(1).rampEpochs(1).retraining(Retraining.weightRewinding(0))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badBuilders")
  void badChoicesAreRefused(String rule, IterativePruner.Builder builder) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(rule);
  }

  @Test
  void badDataAndNetworksAreRefusedBeforeAnythingIsChanged() {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);
    DataSetIterator once =
        new ListDataSetIterator<>(points(1, 4).asList(), 4) {
          @Override
          public boolean resetSupported() {
            return false;
          }
        };
    DataSetIterator none = new ListDataSetIterator<>(List.of(), 4);
    ScoreCalculator<?> empty = new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, none);

    assertThatThrownBy(() -> pruner().build().prune(network, once))
        .hasMessageContaining("must be an iterator that can be reset");
    assertThatThrownBy(() -> pruner().build().prune(network, none))
        .hasMessageContaining("at least one batch");
    assertThatThrownBy(() -> pruner().scoreCalculator(empty).build().prune(network, training()))
        .hasMessageContaining("is the validation set empty?");
    assertThatThrownBy(
            () ->
                pruner()
                    .parameters(ParameterFilter.layers("nowhere"))
                    .build()
                    .prune(network, training()))
        .hasMessageContaining("nowhere");
    assertThatThrownBy(
            () ->
                pruner()
                    .build()
                    .prune(new MultiLayerNetwork(network.getLayerWiseConfigurations()), training()))
        .hasMessageContaining("init()");
    assertThat(everything(network)).isEqualTo(before);
    assertThat(network.getListeners()).isEmpty();
  }

  @Test
  void targetsBelowTheSparsityOfTheNetworkAreRefused() throws IOException {
    MultiLayerNetwork network = trained();
    pruner().build().prune(network, training());
    network.setListeners();

    assertThatThrownBy(() -> pruner().targets(.4).build().prune(network, training()))
        .hasMessageContaining("targets must be above the sparsity that the network has already");
    assertThat(network.getListeners()).isEmpty();
  }
}
