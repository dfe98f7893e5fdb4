package io.github.dl4jpruning.iterative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.rounds.PruningRound;
import io.github.dl4jpruning.rounds.Retry;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.SingletonMultiDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class IterativePrunerTest {

  private static final int FEATURES = 6;
  private static final int CLASSES = 3;

  @TempDir Path folder;

  /** Three clouds of points. */
  private static DataSet points(long seed, int count) {
    Random random = new Random(seed);
    float[][] features = new float[count][FEATURES];
    float[][] labels = new float[count][CLASSES];
    for (int i = 0; i < count; i++) {
      int of = i % CLASSES;
      for (int f = 0; f < FEATURES; f++) {
        features[i][f] = (float) (random.nextGaussian() * .5 + (f % CLASSES == of ? 1 : 0));
      }
      labels[i][of] = 1f;
    }
    return new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels));
  }

  private static DataSetIterator training() {
    return new ListDataSetIterator<>(points(1, 48).asList(), 12);
  }

  private static DataSetIterator validation() {
    return new ListDataSetIterator<>(points(2, 60).asList(), 30);
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Adam(0.02))
                .activation(Activation.TANH)
                .list()
                .layer(new DenseLayer.Builder().nIn(FEATURES).nOut(12).dropOut(0.9).build())
                .layer(new BatchNormalization.Builder().nOut(12).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(12)
                        .nOut(CLASSES)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** Trained, with random numbers that begin at the same place. */
  private static MultiLayerNetwork trained() {
    MultiLayerNetwork network = network();
    Nd4j.getRandom().setSeed(5);
    network.fit(training(), 5);
    return network;
  }

  private static ScoreCalculator<?> accuracy() {
    return new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation());
  }

  private static IterativePruner.Builder pruner() {
    return IterativePruner.builder().targets(.5, .8).fineTuneEpochs(2).scoreCalculator(accuracy());
  }

  /** Gives the scores that it is told to give, then zeros. */
  @SuppressWarnings({"serial", "NonSerializableField"})
  private static final class Scripted implements ScoreCalculator<Model> {
    private final Deque<Double> scores = new ArrayDeque<>();
    private final List<long[]> scored = new ArrayList<>();

    Scripted(double... scores) {
      Arrays.stream(scores).forEach(this.scores::add);
    }

    @Override
    public double calculateScore(Model network) {
      scored.add(everything(network));
      return scores.isEmpty() ? 0.0 : scores.remove();
    }

    @Override
    public boolean minimizeScore() {
      return false;
    }
  }

  /** Parameters, updater state and counts. */
  private static long[] everything(Model network) {
    INDArray state =
        network instanceof ComputationGraph graph
            ? graph.getUpdater().getStateViewArray()
            : ((MultiLayerNetwork) network).getUpdater().getStateViewArray();
    long[] bits = Invariants.bits(network);
    long[] all = Arrays.copyOf(bits, bits.length + (int) state.length() + 2);
    double[] values = state.toDoubleVector();
    for (int i = 0; i < values.length; i++) {
      all[bits.length + i] = Double.doubleToRawLongBits(values[i]);
    }
    boolean isGraph = network instanceof ComputationGraph;
    all[all.length - 2] =
        isGraph
            ? ((ComputationGraph) network).getIterationCount()
            : ((MultiLayerNetwork) network).getIterationCount();
    all[all.length - 1] =
        isGraph
            ? ((ComputationGraph) network).getEpochCount()
            : ((MultiLayerNetwork) network).getEpochCount();
    return all;
  }

  private static double zeros(Model network) {
    SparsityReport report = SparsityReport.of(network);
    return (double) (report.weights() - report.nonZeros()) / report.weights();
  }

  private static long due(double sparsity, Model network) {
    return (long) Math.floor(sparsity * SparsityReport.of(network).weights() + .5);
  }

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

  @Test
  void theBestEpochOfARoundIsKept() throws IOException {
    MultiLayerNetwork network = trained();
    Scripted scores = new Scripted(.9, .7, .8, .75);

    IterativePruningResult result =
        pruner()
            .targets(.5)
            .fineTuneEpochs(3)
            .scoreCalculator(scores)
            .build()
            .prune(network, training());

    assertThat(result.chosen().orElseThrow().bestEpoch()).isEqualTo(2);
    assertThat(result.score()).isEqualTo(.8);
    assertThat(everything(network)).isEqualTo(scores.scored.get(2));
  }

  @Test
  void patienceEndsARound() throws IOException {
    IterativePruningResult result =
        pruner()
            .targets(.5)
            .fineTuneEpochs(9)
            .patience(2)
            .scoreCalculator(new Scripted(.9, .7, .8, .75, .76, .99))
            .build()
            .prune(trained(), training());

    assertThat(result.rounds().get(0).epochs()).isEqualTo(4);
    assertThat(result.score()).isEqualTo(.8);
  }

  @Test
  void aRoundThatFailsIsTakenBackToTheBit() throws IOException {
    MultiLayerNetwork network = trained();
    Scripted scores = new Scripted(.9, .89, .895, .5);

    IterativePruningResult result =
        pruner()
            .maxScoreDrop(.01)
            .retries(Retry.MORE_EPOCHS, Retry.SMALLER_STEP)
            .scoreCalculator(scores)
            .build()
            .prune(network, training());

    assertThat(everything(network)).isEqualTo(scores.scored.get(2));
    assertThat(result.complete()).isFalse();
    assertThat(result.reason())
        .contains("was not reached", "worse than that of the dense network", "50%");
    // .8 with two epochs, .8 with four, and half of the way with four.
    assertThat(result.rounds()).hasSize(4);
    assertThat(result.rounds()).extracting(PruningRound::epochs).containsExactly(2, 2, 4, 4);
    assertThat(result.rounds().get(3).target()).isCloseTo(1 - Math.sqrt(.1), within(1e-12));
    assertThat(result.sparsity()).isCloseTo(.5, within(.01));
    assertThat(result.toString()).contains("taken back", "chosen");
    assertThat(result.toMarkdown()).contains("| chosen |");
    assertThat(result.toJson()).contains("\"chosen\" : 1", "\"complete\" : false");
  }

  @Test
  void withNoDropAllowedTheDenseNetworkComesBackToTheBit() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);

    IterativePruningResult result =
        pruner()
            .maxScoreDrop(0.0)
            .scoreCalculator(new Scripted(.9))
            .build()
            .prune(network, training());

    assertThat(everything(network)).isEqualTo(before);
    assertThat(result.chosen()).isEmpty();
    assertThat(result.score()).isEqualTo(.9);
  }

  @Test
  void aLossIsBetterWhenItIsLower() throws IOException {
    MultiLayerNetwork network = trained();

    IterativePruningResult result =
        pruner()
            .scoreCalculator(new DataSetLossCalculator(validation(), true))
            .maxScoreDrop(10.0)
            .build()
            .prune(network, training());

    assertThat(result.complete()).isTrue();
    PruningRound last = result.rounds().get(1);
    assertThat(result.drop(last)).isEqualTo(last.score() - result.denseScore());
  }

  @Test
  void theHighestGoodSparsityIsFound() throws IOException {
    MultiLayerNetwork network = trained();
    @SuppressWarnings({"serial", "NonSerializableField"})
    ScoreCalculator<Model> falling =
        new ScoreCalculator<>() {
          @Override
          public double calculateScore(Model scored) {
            return zeros(scored) <= .7 ? 1.0 : 0.5;
          }

          @Override
          public boolean minimizeScore() {
            return false;
          }
        };

    IterativePruningResult result =
        pruner()
            .asSparseAsPossible(.99, .05)
            .fineTuneEpochs(1)
            .retries()
            .scoreCalculator(falling)
            .maxScoreDrop(.1)
            .build()
            .prune(network, training());

    assertThat(zeros(network)).isBetween(.65, .71);
    assertThat(result.reason()).contains("is good enough");
  }

  @Test
  void aDivergedRoundIsTakenBack() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);

    IterativePruningResult result =
        pruner()
            .retries()
            .rampEpochs(1)
            .updateEvery(1)
            .retraining(Retraining.fineTuning(1e38))
            .build()
            .prune(network, training());

    assertThat(result.rounds()).hasSize(1);
    assertThat(result.rounds().get(0).note()).contains("diverged");
    assertThat(everything(network)).isEqualTo(before);
  }

  @Test
  void aRampPrunesOverItsEpochs() throws IOException {
    MultiLayerNetwork network = trained();
    List<Double> sparsities = new ArrayList<>();

    pruner()
        .targets(.8)
        .rampEpochs(2)
        .updateEvery(1)
        .fineTuneEpochs(1)
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onEpoch(EpochDone event) {
                sparsities.add(event.sparsity());
                // Below the target nothing is scored, so that nothing below it can be the best.
                assertThat(Double.isNaN(event.score())).isEqualTo(event.epoch() < 2);
              }
            })
        .build()
        .prune(network, training());

    assertThat(sparsities.get(0)).isBetween(.3, .79);
    assertThat(sparsities.get(1)).isCloseTo(.8, within(.01));
    assertThat(sparsities.get(2)).isEqualTo(sparsities.get(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void weightRewindingSetsSurvivorsBackExactly(int epoch) throws IOException {
    MultiLayerNetwork network = network();
    long[] initial = everything(network);
    List<long[]> early = new ArrayList<>(List.of(initial));
    List<Integer> checked = new ArrayList<>();

    pruner()
        .denseEpochs(2)
        .criterion(ImportanceCriterion.taylor())
        .retraining(Retraining.weightRewinding(epoch))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onDenseEpoch(int done, int epochs) {
                early.add(everything(network));
              }

              @Override
              public void onRoundStarted(int round, double target, int done, int epochs) {
                long[] now = everything(network);
                int parameters = (int) network.numParams();
                int zeros = 0;
                for (int i = 0; i < parameters; i++) {
                  if (now[i] != early.get(epoch)[i]) {
                    assertThat(now[i]).isZero();
                    zeros++;
                  }
                }
                assertThat((long) zeros).isEqualTo(due(target, network));
                // Counts too.
                assertThat(now[now.length - 2]).isEqualTo(early.get(epoch)[now.length - 2]);
                assertThat(now[now.length - 1]).isEqualTo(epoch);
                checked.add(round);
              }
            })
        .build()
        .prune(network, training());

    assertThat(checked).containsExactly(1, 2);
  }

  @Test
  void learningRateRewindingRunsTheScheduleAgain() throws IOException {
    MultiLayerNetwork network = network();
    network.setLearningRate(
        new MapSchedule.Builder(ScheduleType.EPOCH).add(0, .02).add(2, .002).build());
    network.fit(training(), 4);
    List<Integer> begins = new ArrayList<>();

    pruner()
        .retraining(Retraining.learningRateRewinding(1))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onRoundStarted(int round, double target, int done, int epochs) {
                begins.add(network.getEpochCount());
                assertThat(network.getIterationCount()).isEqualTo(4);
              }
            })
        .build()
        .prune(network, training());

    assertThat(begins).containsExactly(1, 1);
    assertThatThrownBy(
            () ->
                pruner()
                    .retraining(Retraining.learningRateRewinding(99))
                    .build()
                    .prune(trained(), training()))
        .hasMessageContaining("goes to epoch 99, and the number of trained epochs is 5");
  }

  @Test
  void ratesAreSetBeforeEachEpoch() throws IOException {
    MultiLayerNetwork network = trained();
    List<Double> rates = new ArrayList<>();

    pruner()
        .targets(.5)
        .fineTuneEpochs(3)
        .retraining(
            Retraining.fineTuning(
                new MapSchedule.Builder(ScheduleType.EPOCH).add(0, .01).add(2, .001).build()))
        .addListener(
            new IterativePruningListener() {
              @Override
              public void onEpoch(EpochDone event) {
                rates.add(network.getLearningRate(0));
              }
            })
        .build()
        .prune(network, training());

    assertThat(rates).containsExactly(.01, .01, .001);
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

  private static UnaryOperator<IterativePruner.Builder> change(
      UnaryOperator<IterativePruner.Builder> change) {
    return change;
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

  /** Ends a run at a chosen iteration, as if it had been killed there. */
  private static final class Killer extends BaseTrainingListener {
    private int left;

    Killer(int iterations) {
      this.left = iterations;
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      if (left-- == 0) {
        throw new UnsupportedOperationException("killed");
      }
    }
  }

  static Stream<Arguments> runs() {
    return Stream.of(
        Arguments.of("fine-tuning", change(b -> b.maxScoreDrop(.2).rampEpochs(1).updateEvery(1))),
        Arguments.of("taken back", change(b -> b.maxScoreDrop(0.0).targets(.5, .98))),
        Arguments.of("rewinding", change(b -> b.retraining(Retraining.weightRewinding(1)))),
        Arguments.of(
            "rate rewinding", change(b -> b.retraining(Retraining.learningRateRewinding(1)))),
        Arguments.of(
            "distillation",
            change(b -> b.distillation(.5, 2.0).criterion(ImportanceCriterion.movement()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("runs")
  void aRunThatIsKilledAnywhereEndsInTheSameBits(
      String name, UnaryOperator<IterativePruner.Builder> change) throws IOException {
    UnaryOperator<IterativePruner.Builder> all = b -> change.apply(b.denseEpochs(2));
    MultiLayerNetwork undisturbed = network();
    Nd4j.getRandom().setSeed(5);
    IterativePruningResult expected = all.apply(pruner()).build().prune(undisturbed, shuffling());
    Random random = new Random(3);
    for (int run = 0; run < 6; run++) {
      Path directory = folder.resolve(name + run);
      MultiLayerNetwork network;
      IterativePruningResult result = null;
      int kills = 0;
      do {
        network = network();
        network.addListeners(new Killer(1 + random.nextInt(20) + 10 * kills));
        Nd4j.getRandom().setSeed(5);
        try {
          result = all.apply(pruner()).directory(directory).build().prune(network, shuffling());
        } catch (UnsupportedOperationException e) {
          kills++;
        }
      } while (result == null);

      assertThat(kills).isPositive();
      assertThat(everything(network)).isEqualTo(everything(undisturbed));
      assertThat(result.toJson()).isEqualTo(expected.toJson());
      // And once more, when all is done.
      MultiLayerNetwork again = network();
      assertThat(
              all.apply(pruner()).directory(directory).build().prune(again, shuffling()).toJson())
          .isEqualTo(expected.toJson());
      assertThat(everything(again)).isEqualTo(everything(undisturbed));
    }
  }

  /** Comes in another order after each reset. */
  private static DataSetIterator shuffling() {
    return new ListDataSetIterator<>(points(1, 48).asList(), 12) {
      private final List<DataSet> points = new ArrayList<>(points(1, 48).asList());
      private final Random random = new Random(9);
      private int at;

      @Override
      public synchronized boolean hasNext() {
        return at < points.size();
      }

      @Override
      public synchronized DataSet next() {
        at += 12;
        return DataSet.merge(points.subList(at - 12, at));
      }

      @Override
      public synchronized void reset() {
        at = 0;
        if (points != null) {
          java.util.Collections.shuffle(points, random);
        }
      }
    };
  }

  @Test
  void theNetworksOfAcceptedRoundsStay() throws IOException {
    MultiLayerNetwork network = trained();
    IterativePruningResult result = pruner().directory(folder).build().prune(network, training());

    try (Stream<Path> files = Files.list(folder)) {
      List<Path> rounds =
          files.filter(f -> f.getFileName().toString().startsWith("round-")).sorted().toList();
      assertThat(rounds).hasSize(2);
      for (int i = 0; i < 2; i++) {
        MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(rounds.get(i).toFile());
        assertThat(zeros(loaded)).isEqualTo(result.rounds().get(i).sparsity());
      }
    }
  }

  @Test
  void aFolderOfAnotherRunIsRefused() throws IOException {
    pruner().directory(folder).build().prune(trained(), training());

    assertThatThrownBy(
            () -> pruner().targets(.4).directory(folder).build().prune(trained(), training()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("targets 0.4")
        .hasMessageContaining("targets 0.5, 0.8");
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

  /** Layers with rates of their own have a state of their own, and one rate for all merges them. */
  @Test
  void aRateOfItsOwnKeepsUpdaterStateInItsPlace() throws IOException {
    for (int epochs : new int[] {0, 2}) {
      MultiLayerNetwork network =
          new MultiLayerNetwork(
              new NeuralNetConfiguration.Builder()
                  .seed(7)
                  .list()
                  .layer(
                      new DenseLayer.Builder()
                          .nIn(FEATURES)
                          .nOut(8)
                          .activation(Activation.TANH)
                          .updater(new Adam(1e-2))
                          .build())
                  .layer(
                      new OutputLayer.Builder(LossFunction.MCXENT)
                          .updater(new Adam(1e-3))
                          .activation(Activation.SOFTMAX)
                          .nIn(8)
                          .nOut(CLASSES)
                          .build())
                  .build());
      network.init();
      network.fit(training(), 3);
      double[] state = moments(network);

      pruner()
          .denseEpochs(0)
          .retries()
          .fineTuneEpochs(1 + epochs)
          .maxScoreDrop(0.0)
          .scoreCalculator(new Scripted(.9))
          .retraining(Retraining.fineTuning(1e-3))
          .build()
          .prune(network, training());

      assertThat(moments(network)).isEqualTo(state);
    }
  }

  /** The first moments of Adam, parameter by parameter, however they are laid out. */
  private static double[] moments(MultiLayerNetwork network) {
    double[] moments = new double[(int) network.numParams()];
    for (UpdaterBlock block : ((MultiLayerUpdater) network.getUpdater()).getUpdaterBlocks()) {
      GradientUpdater<?> updater = block.getGradientUpdater();
      double[] own = updater.getState().get("M").dup().toDoubleVector();
      System.arraycopy(own, 0, moments, block.getParamOffsetStart(), own.length);
    }
    return moments;
  }

  @Test
  void afterAFailureTheNetworkIsGoodAndFree() throws IOException {
    MultiLayerNetwork network = trained();
    long[] before = everything(network);
    Killer killer = new Killer(6);
    network.addListeners(killer);

    assertThatThrownBy(() -> pruner().build().prune(network, training()))
        .hasMessageContaining("killed");

    assertThat(everything(network)).isEqualTo(before);
    network.setListeners();
    assertThat(pruner().build().prune(network, training()).complete()).isTrue();
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    Path own = Files.writeString(folder.resolve("mine.zip"), "mine");

    pruner().directory(folder).build().prune(trained(), training());

    assertThat(own).hasContent("mine");
    assertThatThrownBy(
            () -> pruner().runName("seed 2").directory(folder).build().prune(trained(), training()))
        .hasMessageContaining("seed 2");
  }

  @Test
  void aRampHasTheLengthOfTheDataAtHand() throws IOException {
    MultiLayerNetwork network = trained();
    network.setIterationCount(5_000); // trained in much smaller batches

    IterativePruningResult result =
        pruner().targets(.8).rampEpochs(2).updateEvery(1).build().prune(network, training());

    assertThat(result.complete()).isTrue();
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
