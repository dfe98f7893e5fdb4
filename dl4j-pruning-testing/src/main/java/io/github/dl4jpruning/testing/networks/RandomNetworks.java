package io.github.dl4jpruning.testing.networks;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Random small networks of both types, made of all kinds of layers that shrinking supports and some
 * that it does not. The same seed gives the same network.
 */
@SuppressWarnings("deprecation") // DL4J still has these layers
public final class RandomNetworks {

  private static final int CLASSES = 3;
  private static final int BATCH = 4;
  private static final int SIDE = 6;
  private static final int STEPS = 5;
  private static final int WORDS = 6;

  private static final Activation[] ACTIVATIONS = {
    Activation.RELU,
    Activation.SIGMOID,
    Activation.TANH,
    Activation.IDENTITY,
    Activation.LEAKYRELU,
    Activation.ELU,
    Activation.SOFTPLUS,
    Activation.SOFTMAX,
    Activation.HARDSIGMOID,
    Activation.GELU
  };

  /** The kind of data in the body of a network. */
  public enum Family {
    VECTORS,
    WORD_INDEX,
    IMAGES,
    IMAGES_CHANNELS_LAST,
    FLAT_IMAGES,
    SEQUENCES,
    VOLUMES
  }

  private final Random random;
  private final IUpdater updater;
  private final DataType type;
  private final Family family;

  /**
   * Whether there is an L2 penalty. For a separable or depthwise convolution with a bias, DL4J
   * computes it from the wrong elements, which differ if the widths differ.
   */
  private final boolean penalised;

  public RandomNetworks(long seed, IUpdater updater, DataType type) {
    this.random = new Random(seed * 7919 + 17);
    this.updater = updater;
    this.type = type;
    this.family = oneOf(Family.values());
    this.penalised = random.nextBoolean();
  }

  /** Returns the kind of data of these networks. */
  public Family family() {
    return family;
  }

  /** Returns the input type. */
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

  /** Returns features and labels that fit the network. */
  public DataSet data(Model network) {
    Nd4j.getRandom().setSeed(random.nextLong());
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
        int label = random.nextInt((int) shape[1]);
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
        .seed(random.nextInt(1_000_000))
        .dataType(type)
        .updater(updater)
        .weightInit(WeightInit.XAVIER)
        .biasInit(random.nextBoolean() ? 0.0 : 0.1)
        .l2(penalised ? 0.01 : 0.0)
        .convolutionMode(random.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Truncate);
  }

  /** Returns a random network that DL4J accepts. */
  public Model network() {
    return random.nextBoolean() ? layers() : graph();
  }

  private <T> T oneOf(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private int width() {
    return 2 + random.nextInt(5);
  }

  private Activation activation() {
    return oneOf(ACTIVATIONS);
  }

  private boolean sometimes() {
    return random.nextInt(4) == 0;
  }

  private Layer maybeFrozen(Layer layer) {
    return random.nextInt(12) == 0 ? new FrozenLayer(layer) : layer;
  }

  private MultiLayerNetwork layers() {
    ListBuilder list = defaults().list();
    List<Layer> body = new ArrayList<>();
    if (family == Family.WORD_INDEX) {
      body.add(
          new EmbeddingLayer.Builder()
              .nIn(WORDS)
              .nOut(width())
              .hasBias(random.nextBoolean())
              .activation(Activation.TANH)
              .build());
    }
    int depth = 2 + random.nextInt(4);
    for (int i = 0; i < depth; i++) {
      body.add(maybeFrozen(bodyLayer(family)));
    }
    boolean stillSequence = family == Family.SEQUENCES && random.nextBoolean();
    if (family == Family.SEQUENCES && !stillSequence) {
      body.add(reduction());
    } else if (isImages() && random.nextBoolean() && family != Family.IMAGES_CHANNELS_LAST) {
      body.add(new GlobalPoolingLayer(pooling()));
    }
    if (!stillSequence) {
      int dense = random.nextInt(3);
      for (int i = 0; i < dense; i++) {
        body.add(bodyLayer(Family.VECTORS));
      }
      if (sometimes()) {
        int width = width();
        body.add(new DenseLayer.Builder().nOut(width).activation(Activation.TANH).build());
        body.add(
            new ElementWiseMultiplicationLayer.Builder()
                .nIn(width)
                .nOut(width)
                .activation(activation())
                .build());
        body.add(slopes(width));
      }
    }
    body.addAll(head(stillSequence));
    body.forEach(list::layer);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            list.setInputType(inputType()).backpropType(BackpropType.Standard).build());
    network.init();
    return network;
  }

  private boolean isImages() {
    return family == Family.IMAGES
        || family == Family.IMAGES_CHANNELS_LAST
        || family == Family.FLAT_IMAGES;
  }

  private PoolingType pooling() {
    return oneOf(PoolingType.values());
  }

  private Layer reduction() {
    return random.nextBoolean() ? new GlobalPoolingLayer(pooling()) : new LastTimeStep(recurrent());
  }

  private List<Layer> head(boolean sequence) {
    if (sequence) {
      return List.of(
          new RnnOutputLayer.Builder(LossFunction.MCXENT)
              .nOut(CLASSES)
              .activation(Activation.SOFTMAX)
              .build());
    }
    return switch (random.nextInt(4)) {
      case 0 ->
          List.of(
              new DenseLayer.Builder().nOut(CLASSES).activation(Activation.IDENTITY).build(),
              new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build());
      case 1 ->
          List.of(
              new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(CLASSES)
                  .activation(Activation.SOFTMAX)
                  .build());
      default ->
          List.of(
              new OutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(CLASSES)
                  .hasBias(random.nextBoolean())
                  .activation(Activation.SOFTMAX)
                  .build());
    };
  }

  private Layer bodyLayer(Family kind) {
    return switch (kind) {
      case VECTORS, WORD_INDEX -> vectorLayer();
      case IMAGES, IMAGES_CHANNELS_LAST, FLAT_IMAGES -> imageLayer();
      case SEQUENCES -> sequenceLayer();
      case VOLUMES -> volumeLayer();
    };
  }

  private Layer vectorLayer() {
    return switch (random.nextInt(9)) {
      case 0 -> new BatchNormalization.Builder().lockGammaBeta(sometimes()).build();
      case 1 -> new AutoEncoder.Builder().nOut(width()).activation(Activation.SIGMOID).build();
      case 2 -> new ActivationLayer(activation());
      case 3 -> new DropoutLayer(1.0);
      default ->
          new DenseLayer.Builder()
              .nOut(width())
              .hasBias(!sometimes())
              .hasLayerNorm(sometimes())
              .activation(activation())
              .build();
    };
  }

  private Layer imageLayer() {
    boolean last = family == Family.IMAGES_CHANNELS_LAST;
    CNN2DFormat format = last ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    int kernel = 1 + random.nextInt(3);
    int padding = random.nextInt(2);
    boolean bias = !sometimes();
    return switch (random.nextInt(14)) {
      case 0, 1 ->
          new BatchNormalization.Builder()
              .dataFormat(format)
              .lockGammaBeta(sometimes())
              .useLogStd(random.nextBoolean())
              .build();
      case 2 ->
          // With channels last, DL4J's p-norm pooling gives a different result each time.
          new SubsamplingLayer.Builder(last ? PoolingType.AVG : pooling())
              .dataFormat(format)
              .kernelSize(2, 2)
              .stride(1, 1)
              .pnorm(2)
              .build();
      case 3 ->
          new SeparableConvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .depthMultiplier(1 + random.nextInt(2))
              .nOut(width())
              .hasBias(bias && !penalised)
              .activation(activation())
              .build();
      case 4, 5 ->
          new DepthwiseConvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .depthMultiplier(1 + random.nextInt(2))
              .hasBias(bias && !penalised)
              .activation(activation())
              .build();
      case 6 ->
          new Deconvolution2D.Builder(kernel, kernel)
              .dataFormat(format)
              .nOut(width())
              .hasBias(bias)
              .activation(activation())
              .build();
      case 7 -> last ? new ActivationLayer(activation()) : new ZeroPaddingLayer(1, 1);
      case 8 -> last ? new DropoutLayer(1.0) : new Cropping2D(1, 0);
      case 9 -> last ? new ActivationLayer(Activation.TANH) : new Upsampling2D.Builder(2).build();
      case 10 -> last ? new ActivationLayer(activation()) : new LocalResponseNormalization();
      default ->
          new ConvolutionLayer.Builder(kernel, kernel)
              .dataFormat(format)
              .padding(padding, padding)
              .nOut(width())
              .hasBias(bias)
              .activation(activation())
              .build();
    };
  }

  private Layer recurrent() {
    return switch (random.nextInt(4)) {
      case 0 -> new LSTM.Builder().nOut(width()).activation(Activation.TANH).build();
      case 1 ->
          new GravesLSTM.Builder()
              .nOut(width())
              .activation(sometimes() ? Activation.SIGMOID : Activation.TANH)
              .build();
      case 2 ->
          new SimpleRnn.Builder()
              .nOut(width())
              .hasLayerNorm(sometimes())
              .activation(Activation.TANH)
              .build();
      default -> new LSTM.Builder().nOut(width()).activation(Activation.SOFTSIGN).build();
    };
  }

  private Layer sequenceLayer() {
    return switch (random.nextInt(13)) {
      case 0, 1 -> new Bidirectional(oneOf(Bidirectional.Mode.values()), recurrent());
      case 2 -> new GravesBidirectionalLSTM.Builder().nOut(width()).build();
      case 3 ->
          new Convolution1DLayer.Builder(2)
              .convolutionMode(random.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Causal)
              .nOut(width())
              .activation(activation())
              .build();
      case 4 ->
          new Subsampling1DLayer.Builder(SubsamplingLayer.PoolingType.MAX, 2, 1)
              .convolutionMode(ConvolutionMode.Same)
              .build();
      case 5 ->
          new TimeDistributed(
              new DenseLayer.Builder().nOut(width()).activation(Activation.TANH).build());
      case 6 -> new MaskZeroLayer(recurrent(), 0.0);
      case 7 -> new DenseLayer.Builder().nOut(width()).activation(activation()).build();
      case 8 ->
          new SelfAttentionLayer.Builder().nOut(4).nHeads(2).headSize(2).projectInput(true).build();
      default -> recurrent();
    };
  }

  private Layer volumeLayer() {
    return switch (random.nextInt(3)) {
      case 0 ->
          new Subsampling3DLayer.Builder(Subsampling3DLayer.PoolingType.MAX)
              .kernelSize(2, 2, 2)
              .stride(1, 1, 1)
              .convolutionMode(ConvolutionMode.Same)
              .build();
      default ->
          new Convolution3D.Builder(2, 2, 2)
              .convolutionMode(ConvolutionMode.Same)
              .hasBias(!sometimes())
              .nOut(width())
              .activation(activation())
              .build();
    };
  }

  /** Builds blocks of branches that merge again. */
  private ComputationGraph graph() {
    GraphBuilder graph = defaults().graphBuilder().addInputs("in");
    graph.setInputTypes(inputType());
    String last = "in";
    if (family == Family.WORD_INDEX) {
      graph.addLayer("words", new EmbeddingLayer.Builder().nIn(WORDS).nOut(width()).build(), last);
      last = "words";
    }
    int blocks = 1 + random.nextInt(3);
    for (int b = 0; b < blocks; b++) {
      String name = "b" + b;
      int width = width();
      String stem = name + "stem";
      graph.addLayer(stem, widened(width), last);
      String left = stem;
      String right = stem;
      if (random.nextBoolean()) {
        left = name + "left";
        graph.addLayer(left, widened(width), stem);
      }
      if (random.nextBoolean()) {
        String before = right;
        right = name + "norm";
        graph.addLayer(right, normalisation(width), before);
      }
      last = name + "out";
      switch (family == Family.VOLUMES ? 0 : random.nextInt(8)) {
        case 0, 1, 2 -> {
          graph.addVertex(
              last, new ElementWiseVertex(oneOf(ElementWiseVertex.Op.values())), left, right);
        }
        case 3, 4 -> graph.addVertex(last, new MergeVertex(), left, right);
        case 5 -> {
          graph.addVertex(name + "merged", new MergeVertex(), left, right);
          if (family == Family.IMAGES_CHANNELS_LAST || family == Family.VOLUMES) {
            graph.addVertex(last, new ScaleVertex(0.5), name + "merged");
          } else {
            graph.addVertex(last, new SubsetVertex(1, width), name + "merged");
          }
        }
        case 6 -> {
          graph.addVertex(name + "stacked", new StackVertex(), left, right);
          graph.addVertex(last, new UnstackVertex(1, 2), name + "stacked");
        }
        default -> {
          graph.addVertex(name + "shift", new ShiftVertex(0.25), left);
          graph.addVertex(
              name + "scale",
              random.nextBoolean() ? new ScaleVertex(2.0) : new L2NormalizeVertex(),
              right);
          graph.addVertex(
              last,
              new ElementWiseVertex(ElementWiseVertex.Op.Add),
              name + "shift",
              name + "scale");
        }
      }
    }
    boolean sequence = family == Family.SEQUENCES && random.nextBoolean();
    if (family == Family.SEQUENCES && !sequence) {
      if (random.nextBoolean()) {
        graph.addVertex("backwards", new ReverseTimeSeriesVertex(), last);
        graph.addVertex("final", new LastTimeStepVertex("in"), "backwards");
      } else {
        graph.addLayer("final", new GlobalPoolingLayer(pooling()), last);
      }
      last = "final";
    }
    List<Layer> head = head(sequence);
    for (int i = 0; i < head.size(); i++) {
      graph.addLayer("head" + i, head.get(i), last);
      last = "head" + i;
    }
    ComputationGraph network = new ComputationGraph(graph.setOutputs(last).build());
    network.init();
    return network;
  }

  private Layer widened(int width) {
    Activation activation = activation();
    return switch (family) {
      case VECTORS, WORD_INDEX ->
          new DenseLayer.Builder().nOut(width).activation(activation).build();
      case IMAGES, IMAGES_CHANNELS_LAST, FLAT_IMAGES ->
          new ConvolutionLayer.Builder(2, 2)
              .dataFormat(
                  family == Family.IMAGES_CHANNELS_LAST ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
              .convolutionMode(ConvolutionMode.Same)
              .nOut(width)
              .activation(activation)
              .build();
      case SEQUENCES ->
          random.nextBoolean()
              ? new LSTM.Builder().nOut(width).build()
              : new SimpleRnn.Builder().nOut(width).activation(Activation.TANH).build();
      case VOLUMES ->
          new Convolution3D.Builder(2, 2, 2)
              .convolutionMode(ConvolutionMode.Same)
              .nOut(width)
              .activation(activation)
              .build();
    };
  }

  private Layer normalisation(int width) {
    if (family == Family.SEQUENCES) {
      return new ActivationLayer(Activation.TANH);
    } else if (family == Family.VOLUMES) {
      return new ActivationLayer(Activation.RELU);
    } else if (isImages()) {
      boolean last = family == Family.IMAGES_CHANNELS_LAST;
      return random.nextBoolean()
          ? new BatchNormalization.Builder()
              .dataFormat(last ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
              .build()
          : slopes(last ? new long[] {SIDE, SIDE, width} : new long[] {width, SIDE, SIDE});
    }
    return random.nextBoolean() ? new BatchNormalization() : slopes(width);
  }

  private Layer slopes(long... shape) {
    PReLULayer.Builder builder =
        new PReLULayer.Builder().weightInit(new WeightInitConstant(0.2)).inputShape(shape);
    return shape.length > 1 && family != Family.IMAGES_CHANNELS_LAST && random.nextBoolean()
        ? builder.sharedAxes(2, 3).build()
        : builder.build();
  }
}
