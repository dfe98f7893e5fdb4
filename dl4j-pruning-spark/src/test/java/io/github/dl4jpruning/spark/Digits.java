package io.github.dl4jpruning.spark;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** The handwritten digits that ship with the examples, and a perceptron that learns them. */
final class Digits {

  static final int BATCH = 50;
  private static final int TRAIN = 4000;
  private static final int TEST = 2000;
  private static final int ALL = 10_000;
  private static final int STEP = 7919; // has no factor in common with 10,000
  private static final int PIXELS = 784;
  private static final int CLASSES = 10;
  private static final String FOLDER =
      "../dl4j-pruning-examples/src/main/resources/io/github/dl4jpruning/examples/data/";

  private Digits() {}

  /** Returns 80 batches of 50. */
  static List<DataSet> train() throws IOException {
    List<DataSet> batches = new ArrayList<>();
    DataSet all = read(0, TRAIN);
    for (int at = 0; at < TRAIN; at += BATCH) {
      // Copies: a view would be shipped with all that it is a view of.
      INDArrayIndex rows = NDArrayIndex.interval(at, at + BATCH);
      batches.add(
          new DataSet(
              all.getFeatures().get(rows, NDArrayIndex.all()).dup(),
              all.getLabels().get(rows, NDArrayIndex.all()).dup()));
    }
    return batches;
  }

  /** Returns the share of 2,000 other digits that the network tells. */
  static double accuracy(MultiLayerNetwork network) throws IOException {
    DataSet test = read(TRAIN, TEST);
    INDArray told = network.output(test.getFeatures()).argMax(1);
    return told.eq(test.getLabels().argMax(1)).castTo(DataType.DOUBLE).meanNumber().doubleValue();
  }

  static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(3e-3))
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nIn(PIXELS).nOut(60).build())
                .layer(
                    new OutputLayer.Builder()
                        .nIn(60)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  private static DataSet read(int from, int count) throws IOException {
    byte[] pixels = bytes("mnist-10k-images-idx3-ubyte.gz", 16);
    byte[] digits = bytes("mnist-10k-labels-idx1-ubyte.gz", 8);
    float[][] features = new float[count][PIXELS];
    float[][] labels = new float[count][CLASSES];
    for (int i = 0; i < count; i++) {
      int digit = (from + i) * STEP % ALL; // the files are sorted by digit
      for (int k = 0; k < PIXELS; k++) {
        features[i][k] = (pixels[digit * PIXELS + k] & 0xff) / 255f;
      }
      labels[i][digits[digit]] = 1f;
    }
    return new DataSet(Nd4j.create(features), Nd4j.create(labels));
  }

  private static byte[] bytes(String file, int header) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(Path.of(FOLDER + file))))) {
      in.skipNBytes(header);
      return in.readAllBytes();
    }
  }
}
