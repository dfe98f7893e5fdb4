package io.github.dl4jpruning.iterative;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.testing.Invariants;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Data, networks, pruners and scores that the tests of the iterative pruner share. */
final class IterativePrunerFixtures {

  static final int FEATURES = 6;
  static final int CLASSES = 3;

  private IterativePrunerFixtures() {}

  /** Three clouds of points. */
  static DataSet points(long seed, int count) {
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

  static DataSetIterator training() {
    return new ListDataSetIterator<>(points(1, 48).asList(), 12);
  }

  static DataSetIterator validation() {
    return new ListDataSetIterator<>(points(2, 60).asList(), 30);
  }

  static MultiLayerNetwork network() {
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
  static MultiLayerNetwork trained() {
    MultiLayerNetwork network = network();
    Nd4j.getRandom().setSeed(5);
    network.fit(training(), 5);
    return network;
  }

  static ScoreCalculator<?> accuracy() {
    return new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation());
  }

  static IterativePruner.Builder pruner() {
    return IterativePruner.builder().targets(.5, .8).fineTuneEpochs(2).scoreCalculator(accuracy());
  }

  /** Gives the scores that it is told to give, then zeros. */
  @SuppressWarnings({"serial", "NonSerializableField"})
  static final class Scripted implements ScoreCalculator<Model> {
    private final Deque<Double> scores = new ArrayDeque<>();
    final List<long[]> scored = new ArrayList<>();

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
  static long[] everything(Model network) {
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

  static double zeros(Model network) {
    SparsityReport report = SparsityReport.of(network);
    return (double) (report.weights() - report.nonZeros()) / report.weights();
  }

  static long due(double sparsity, Model network) {
    return (long) Math.floor(sparsity * SparsityReport.of(network).weights() + .5);
  }

  static UnaryOperator<IterativePruner.Builder> change(
      UnaryOperator<IterativePruner.Builder> change) {
    return change;
  }
}
