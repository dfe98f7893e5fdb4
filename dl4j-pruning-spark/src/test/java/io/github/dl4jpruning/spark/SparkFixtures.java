package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** A small network, data for it, and Spark in this process. */
final class SparkFixtures {

  static final int BATCH = 10;
  static final int INPUTS = 8;
  static final int CLASSES = 4;
  private static final int FIRST = 16;
  private static final int SECOND = 12;

  /** Weights of the network, biases not counted. */
  static final int WEIGHTS = INPUTS * FIRST + FIRST * SECOND + SECOND * CLASSES;

  private SparkFixtures() {}

  static MultiLayerNetwork network(IUpdater updater) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(updater)
                .activation(Activation.TANH)
                .list()
                .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(FIRST).build())
                .layer(new DenseLayer.Builder().nIn(FIRST).nOut(SECOND).build())
                .layer(
                    new OutputLayer.Builder()
                        .nIn(SECOND)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** Batches of which the class is the quadrant of the first two inputs. */
  static List<DataSet> batches(int count) {
    Nd4j.getRandom().setSeed(5);
    List<DataSet> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      INDArray features = Nd4j.rand(BATCH, INPUTS).subi(0.5);
      int[] classes = new int[BATCH];
      for (int k = 0; k < BATCH; k++) {
        classes[k] =
            (features.getDouble(k, 0) > 0 ? 1 : 0) + (features.getDouble(k, 1) > 0 ? 2 : 0);
      }
      batches.add(new DataSet(features, Nd4j.eye(CLASSES).getRows(classes)));
    }
    return batches;
  }

  static PruningListener.Builder ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.75, 2, 14))
        .updateEvery(4);
  }

  static SparkConf local(int threads) {
    return new SparkConf()
        .setMaster("local[" + threads + "]")
        .setAppName("pruning")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  static ParameterAveragingTrainingMaster master(int workers, int frequency) {
    return master(workers, frequency, BATCH);
  }

  static ParameterAveragingTrainingMaster master(int workers, int frequency, int batch) {
    return new ParameterAveragingTrainingMaster.Builder(workers, batch)
        .batchSizePerWorker(batch)
        .averagingFrequency(frequency)
        .saveUpdater(true)
        .rddTrainingApproach(RDDTrainingApproach.Direct)
        .build();
  }

  /** Reads what {@link BitSet#toString} writes. */
  static BitSet bits(String text) {
    BitSet bits = new BitSet();
    Pattern.compile("\\d+")
        .matcher(text)
        .results()
        .forEach(one -> bits.set(Integer.parseInt(one.group())));
    return bits;
  }

  static SparkDl4jMultiLayer layers(
      JavaSparkContext context, IUpdater updater, ParameterAveragingTrainingMaster master) {
    return new SparkDl4jMultiLayer(context, network(updater), master);
  }

  static SparkComputationGraph graph(
      JavaSparkContext context, IUpdater updater, ParameterAveragingTrainingMaster master) {
    return new SparkComputationGraph(context, network(updater).toComputationGraph(), master);
  }

  /** Returns which weights are zero, biases not counted; those begin as zeros. */
  static BitSet zeros(Model network) {
    BitSet zeros = new BitSet();
    int at = 0;
    for (var entry : network.paramTable().entrySet()) {
      INDArray array = entry.getValue();
      if (entry.getKey().endsWith("W")) {
        double[] values = array.dup('f').data().asDouble();
        for (int i = 0; i < values.length; i++) {
          zeros.set(at + i, values[i] == 0.0);
        }
      }
      at += (int) array.length();
    }
    return zeros;
  }
}
