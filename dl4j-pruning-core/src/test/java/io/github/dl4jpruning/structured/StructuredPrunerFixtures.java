package io.github.dl4jpruning.structured;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Data, networks and pruners that the tests of the structured pruner share. */
final class StructuredPrunerFixtures {

  private static final int SIDE = 8;

  private StructuredPrunerFixtures() {}

  /** Bright rows above, below, or a bright column: not hard to tell apart. */
  static DataSetIterator data(long seed) {
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

  static NeuralNetConfiguration.ListBuilder layers() {
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

  static MultiLayerNetwork trained() {
    MultiLayerNetwork network = new MultiLayerNetwork(layers().build());
    network.init();
    network.fit(data(1), 3);
    return network;
  }

  private static ScoreCalculator<?> loss() {
    return new DataSetLossCalculator(data(2), true);
  }

  static StructuredPruner.Builder pruner() {
    return StructuredPruner.builder().fineTuneEpochs(2).scoreCalculator(loss());
  }
}
