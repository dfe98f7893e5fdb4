package io.github.dl4jpruning.testing.networks;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Random small networks of both types, made of all kinds of layers that shrinking knows and some
 * that it does not. The same seed gives the same network.
 */
public final class RandomNetworks {

  static final int SIDE = 6;
  static final int WORDS = 6;

  private static final int BATCH = 4;
  private static final int STEPS = 5;

  /** What flows through the body of a network. */
  public enum Family {
    VECTORS,
    WORD_INDEX,
    IMAGES,
    IMAGES_CHANNELS_LAST,
    FLAT_IMAGES,
    SEQUENCES,
    VOLUMES;

    boolean isImages() {
      return this == IMAGES || this == IMAGES_CHANNELS_LAST || this == FLAT_IMAGES;
    }
  }

  private final Draws draws;
  private final IUpdater updater;
  private final DataType type;
  private final Family family;

  /**
   * Whether there is a penalty. DL4J applies it to the wrong elements of a separable or depthwise
   * convolution with a bias, and to different ones if the widths differ.
   */
  private final boolean penalised;

  public RandomNetworks(long seed, IUpdater updater, DataType type) {
    this.draws = new Draws(seed * 7919 + 17);
    this.updater = updater;
    this.type = type;
    this.family = draws.oneOf(Family.values());
    this.penalised = draws.nextBoolean();
  }

  /** What its networks read. */
  public Family family() {
    return family;
  }

  /** The type of the input. */
  public InputType inputType() {
    return switch (family) {
      case VECTORS -> InputType.feedForward(5);
      case WORD_INDEX -> InputType.feedForward(WORDS);
      case IMAGES -> InputType.convolutional(SIDE, SIDE, 2, CNN2DFormat.NCHW);
      case IMAGES_CHANNELS_LAST -> InputType.convolutional(SIDE, SIDE, 2, CNN2DFormat.NHWC);
      case FLAT_IMAGES -> InputType.convolutionalFlat(SIDE, SIDE, 2);
      case SEQUENCES -> InputType.recurrent(3, STEPS);
      case VOLUMES -> InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2);
    };
  }

  /** Features and labels that fit the network. */
  public DataSet data(Model network) {
    Nd4j.getRandom().setSeed(draws.nextLong());
    INDArray features =
        switch (family) {
          case VECTORS -> Nd4j.rand(type, BATCH, 5);
          case WORD_INDEX -> Nd4j.createFromArray(0, 1, 4, 5).castTo(type).reshape(BATCH, 1);
          case IMAGES -> Nd4j.rand(type, BATCH, 2, SIDE, SIDE);
          case IMAGES_CHANNELS_LAST -> Nd4j.rand(type, BATCH, SIDE, SIDE, 2);
          case FLAT_IMAGES -> Nd4j.rand(type, BATCH, 2 * SIDE * SIDE);
          case SEQUENCES -> Nd4j.rand(type, BATCH, 3, STEPS);
          case VOLUMES -> Nd4j.rand(type, BATCH, 2, 4, 4, 4);
        };
    long[] shape = output(network, features).shape();
    INDArray labels = Nd4j.zeros(type, shape);
    for (int example = 0; example < shape[0]; example++) {
      int steps = shape.length == 3 ? (int) shape[2] : 1;
      for (int step = 0; step < steps; step++) {
        int label = draws.nextInt((int) shape[1]);
        if (shape.length == 3) {
          labels.putScalar(example, label, step, 1.0);
        } else {
          labels.putScalar(example, label, 1.0);
        }
      }
    }
    return new DataSet(features, labels);
  }

  public static INDArray output(Model network, INDArray features) {
    return network instanceof ComputationGraph graph
        ? graph.outputSingle(features)
        : ((MultiLayerNetwork) network).output(features);
  }

  private NeuralNetConfiguration.Builder defaults() {
    return new NeuralNetConfiguration.Builder()
        .seed(draws.nextInt(1_000_000))
        .dataType(type)
        .updater(updater)
        .weightInit(WeightInit.XAVIER)
        .biasInit(draws.nextBoolean() ? 0.0 : 0.1)
        .l2(penalised ? 0.01 : 0.0)
        .convolutionMode(draws.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Truncate);
  }

  /** One that DL4J accepts. */
  public Model network() {
    return draws.nextBoolean()
        ? new RandomStacks(draws, family, penalised).network(defaults(), inputType())
        : new RandomGraphs(draws, family).network(defaults(), inputType());
  }
}
