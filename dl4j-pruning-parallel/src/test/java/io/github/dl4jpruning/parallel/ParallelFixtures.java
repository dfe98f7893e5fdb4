package io.github.dl4jpruning.parallel;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.ParallelWrapper.TrainingMode;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks, batches and wrappers that the tests of parallel training share. */
final class ParallelFixtures {

  private static final int BATCH = 8;
  static final double FINAL = 0.8;

  record Setting(TrainingMode mode, int frequency, int workers, boolean graph) {}

  private ParallelFixtures() {}

  static Model network(boolean graph, IUpdater updater) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(updater)
                .l2(1e-3)
                .activation(Activation.TANH)
                .list()
                .layer(new DenseLayer.Builder().nIn(6).nOut(20).build())
                .layer(new BatchNormalization.Builder().nOut(20).build())
                .layer(new DenseLayer.Builder().nIn(20).nOut(12).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(12)
                        .nOut(3)
                        .build())
                .build());
    network.init();
    return graph ? network.toComputationGraph() : network;
  }

  static ListDataSetIterator<DataSet> batches(int count, long seed) {
    Random random = new Random(seed);
    List<DataSet> examples = new ArrayList<>();
    for (int i = 0; i < count * BATCH; i++) {
      double[] x = random.doubles(6, -1, 1).toArray();
      INDArray label = Nd4j.zeros(1, 3);
      label.putScalar(x[0] > 0.3 ? 0 : x[1] > 0 ? 1 : 2, 1.0);
      examples.add(
          new DataSet(Nd4j.createFromArray(new double[][] {x}).castTo(label.dataType()), label));
    }
    return new ListDataSetIterator<>(examples, BATCH);
  }

  static PruningListener.Builder ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, FINAL, 1, 10))
        .updateEvery(2);
  }

  static ParallelWrapper wrapper(Model network, Setting setting) {
    return new ParallelWrapper.Builder<>(network)
        .workers(setting.workers())
        .trainingMode(setting.mode())
        .averagingFrequency(setting.frequency())
        .prefetchBuffer(0)
        .build();
  }

  /** Where the weights are zero, by their place in the parameter vector. */
  static BitSet zeros(Model model) {
    BitSet zeros = new BitSet();
    long start = model.params().data().offset();
    double[] all = model.params().toDoubleVector();
    model
        .paramTable()
        .forEach(
            (key, view) -> {
              if (key.endsWith("_W")) {
                int from = (int) (view.data().offset() - start);
                for (int i = from; i < from + view.length(); i++) {
                  zeros.set(i, all[i] == 0.0);
                }
              }
            });
    return zeros;
  }

  /** Records what each replica has removed after each of its steps. */
  static final class Watch extends BaseTrainingListener {
    final Map<Model, List<BitSet>> seen = new ConcurrentHashMap<>();

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      seen.computeIfAbsent(model, m -> Collections.synchronizedList(new ArrayList<>()))
          .add(zeros(model));
    }
  }
}
