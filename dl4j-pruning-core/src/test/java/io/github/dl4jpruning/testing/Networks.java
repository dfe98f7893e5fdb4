package io.github.dl4jpruning.testing;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks of every kind, and data for them. */
public final class Networks {

  public static final int CLASSES = 3;
  public static final int BATCH = 5;
  public static final int CAPSULE_DIMENSIONS = 2;
  private static final int STEPS = 2;
  private static final int LONG_STEPS = 4;
  private static final int WORDS = 7;

  private Networks() {}

  /** What a network is made of. */
  public enum Kind {
    DENSE,
    CONVOLUTION,
    SEPARABLE,
    LSTM,
    GRAVES_LSTM,
    SIMPLE_RNN,
    /** All recurrent layers on top of each other. */
    RECURRENT,
    /** Layers that hold other layers. */
    WRAPPED,
    /** Layers for sequences besides the recurrent ones: convolution, attention, two directions. */
    SEQUENCE,
    /** A locally connected layer and capsules. */
    CAPSULES,
    /** Convolutions with three axes. */
    VOLUME,
    /** An embedding, both autoencoders, and an output with center loss. */
    AUTOENCODER
  }

  /** What is added to the gradient. */
  public enum Penalty {
    NONE,
    L1,
    L2,
    WEIGHT_DECAY;

    private List<Regularization> terms() {
      return switch (this) {
        case NONE -> List.of();
        case L1 -> List.of(new L1Regularization(0.01));
        case L2 -> List.of(new L2Regularization(0.05));
        case WEIGHT_DECAY -> List.of(new WeightDecay(0.05, true));
      };
    }
  }

  /** With dropout, and a constraint that DL4J applies after its listeners. */
  public static MultiLayerNetwork withDropout(IUpdater updater) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(11)
                .updater(updater)
                .l2(1e-3)
                .dropOut(0.7)
                .activation(Activation.TANH)
                .constrainWeights(
                    new org.deeplearning4j.nn.conf.constraint.MaxNormConstraint(0.5, 1))
                .list()
                .layer(new DenseLayer.Builder().nIn(7).nOut(12).build())
                .layer(new DenseLayer.Builder().nIn(12).nOut(6).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(6)
                        .nOut(3)
                        .build())
                .build());
    network.init();
    return network;
  }

  /** Trains one batch. */
  public static void fit(Model network, DataSet batch) {
    if (network instanceof ComputationGraph graph) {
      graph.fit(batch);
    } else {
      ((MultiLayerNetwork) network).fit(batch);
    }
  }

  /** Everything that can vary; a plain SGD network unless changed. */
  public record Recipe(
      Kind kind,
      IUpdater updater,
      Penalty penalty,
      GradientNormalization clipping,
      boolean maxNorm,
      DataType type) {

    public static Recipe of(Kind kind) {
      return new Recipe(
          kind, new Sgd(0.1), Penalty.NONE, GradientNormalization.None, false, DataType.FLOAT);
    }

    public Recipe with(IUpdater other) {
      return new Recipe(kind, other, penalty, clipping, maxNorm, type);
    }

    public Recipe with(Penalty other) {
      return new Recipe(kind, updater, other, clipping, maxNorm, type);
    }

    public Recipe with(GradientNormalization other) {
      return new Recipe(kind, updater, penalty, other, maxNorm, type);
    }

    public Recipe withMaxNorm(boolean constrained) {
      return new Recipe(kind, updater, penalty, clipping, constrained, type);
    }

    public Recipe with(DataType other) {
      return new Recipe(kind, updater, penalty, clipping, maxNorm, other);
    }

    @SuppressWarnings("deprecation") // GravesBidirectionalLSTM is still to be met in the wild
    public MultiLayerNetwork build() {
      NeuralNetConfiguration.Builder base =
          new NeuralNetConfiguration.Builder()
              .seed(42)
              .dataType(type)
              .updater(updater)
              .activation(Activation.TANH)
              .weightInit(WeightInit.XAVIER)
              .gradientNormalization(clipping)
              .gradientNormalizationThreshold(0.05)
              .regularization(penalty.terms());
      // A locally connected layer is asked for its weights before it knows them if all are told.
      boolean later = kind == Kind.SEQUENCE || kind == Kind.CAPSULES;
      if (maxNorm && !later) {
        base.constrainWeights(new MaxNormConstraint(0.8, 1));
      }
      NeuralNetConfiguration.ListBuilder layers = base.list();
      switch (kind) {
        case DENSE ->
            layers
                .layer(new DenseLayer.Builder().name("hidden").nIn(7).nOut(11).build())
                .layer(new BatchNormalization.Builder().name("norm").nOut(11).build())
                // MaxNorm along axis 1 fails on the gain of a layer norm, which has one axis only.
                .layer(new DenseLayer.Builder().nIn(11).nOut(6).hasLayerNorm(!maxNorm).build());
        case CONVOLUTION ->
            layers
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).name("conv").build())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(new DenseLayer.Builder().nOut(6).build())
                .setInputType(InputType.convolutional(8, 8, 2));
        case SEPARABLE ->
            layers
                .layer(new SeparableConvolution2D.Builder(3, 3).nOut(4).build())
                .layer(
                    new DepthwiseConvolution2D.Builder()
                        .kernelSize(2, 2)
                        .depthMultiplier(2)
                        .build())
                .layer(new Deconvolution2D.Builder(2, 2).nOut(3).build())
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(new DenseLayer.Builder().nOut(6).build())
                .setInputType(InputType.convolutional(6, 6, 2));
        case LSTM -> layers.layer(new LSTM.Builder().nIn(7).nOut(5).build());
        case GRAVES_LSTM -> layers.layer(graves(7, 5));
        case SIMPLE_RNN -> layers.layer(new SimpleRnn.Builder().nIn(7).nOut(5).build());
        case RECURRENT ->
            layers
                .layer(new SimpleRnn.Builder().nIn(7).nOut(3).build())
                .layer(graves(3, 3))
                .layer(new LSTM.Builder().nIn(3).nOut(5).build());
        case WRAPPED ->
            layers
                .layer(new FrozenLayer(new SimpleRnn.Builder().nIn(7).nOut(4).build()))
                .layer(
                    new Bidirectional(
                        Bidirectional.Mode.ADD, new LSTM.Builder().nIn(4).nOut(3).build()))
                .layer(
                    new FrozenLayerWithBackprop(
                        new SimpleRnn.Builder().name("held").nIn(3).nOut(3).build()))
                .layer(
                    new MaskZeroLayer.Builder()
                        .setUnderlying(new SimpleRnn.Builder().nIn(3).nOut(4).build())
                        .build())
                .layer(new TimeDistributed(new DenseLayer.Builder().nIn(4).nOut(5).build()))
                .layer(new LastTimeStep(new SimpleRnn.Builder().nIn(5).nOut(6).build()));
        case SEQUENCE ->
            layers
                .layer(new Convolution1DLayer.Builder(2).nOut(4).build())
                .layer(
                    new SelfAttentionLayer.Builder().nOut(4).nHeads(2).projectInput(true).build())
                .layer(
                    new RecurrentAttentionLayer.Builder()
                        .nOut(4)
                        .nHeads(2)
                        .projectInput(true)
                        .build())
                .layer(new LocallyConnected1D.Builder().kernelSize(2).nOut(3).build())
                .layer(new GravesBidirectionalLSTM.Builder().nOut(6).build())
                .layer(new GlobalPoolingLayer())
                .setInputType(InputType.recurrent(3, LONG_STEPS, RNNFormat.NCW));
        case CAPSULES ->
            layers
                .layer(new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(2).build())
                .layer(new PrimaryCapsules.Builder(3, 2).kernelSize(2, 2).stride(2, 2).build())
                .layer(new CapsuleLayer.Builder(6, CAPSULE_DIMENSIONS, 1).build())
                .layer(new CapsuleStrengthLayer.Builder().build())
                .setInputType(InputType.convolutional(5, 5, 2));
        case VOLUME ->
            layers
                .layer(new Deconvolution3D.Builder().kernelSize(2, 2, 2).nOut(2).build())
                .layer(new Convolution3D.Builder(2, 2, 2).nOut(6).build())
                .layer(new GlobalPoolingLayer())
                .setInputType(
                    InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 2, 2, 2));
        case AUTOENCODER ->
            layers
                .layer(new EmbeddingLayer.Builder().nIn(WORDS).nOut(5).build())
                .layer(new AutoEncoder.Builder().nIn(5).nOut(4).build())
                .layer(
                    new VariationalAutoencoder.Builder()
                        .nIn(4)
                        .nOut(6)
                        .encoderLayerSizes(5)
                        .decoderLayerSizes(5)
                        .build());
      }
      if (isRecurrent()) {
        layers.layer(
            new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .name("output")
                .activation(Activation.SOFTMAX)
                .nIn(5)
                .nOut(CLASSES)
                .build());
      } else if (kind == Kind.AUTOENCODER) {
        layers.layer(
            new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                .name("output")
                .activation(Activation.SOFTMAX)
                .nIn(6)
                .nOut(CLASSES)
                .build());
      } else {
        layers.layer(
            new OutputLayer.Builder(LossFunction.MCXENT)
                .name("output")
                .activation(Activation.SOFTMAX)
                .nIn(6)
                .nOut(CLASSES)
                .build());
      }
      MultiLayerConfiguration configuration = layers.build();
      if (maxNorm && later) {
        configuration.getConfs().forEach(c -> constrain(c.getLayer()));
      }
      MultiLayerNetwork network = new MultiLayerNetwork(configuration);
      network.init();
      return network;
    }

    private static void constrain(Layer layer) {
      List<String> weights = layer.initializer().weightKeys(layer);
      if (!weights.isEmpty()) {
        MaxNormConstraint constraint = new MaxNormConstraint(0.8, 1);
        constraint.setParams(new HashSet<>(weights));
        layer.setConstraints(List.of(constraint));
      }
    }

    @SuppressWarnings("deprecation") // still to be met in the wild
    private static GravesLSTM graves(int in, int out) {
      return new GravesLSTM.Builder().nIn(in).nOut(out).build();
    }

    /** The same layers as a graph. */
    public ComputationGraph buildGraph() {
      return build().toComputationGraph();
    }

    private boolean isRecurrent() {
      return kind == Kind.LSTM
          || kind == Kind.GRAVES_LSTM
          || kind == Kind.SIMPLE_RNN
          || kind == Kind.RECURRENT;
    }

    /** A batch of noise, the same for the same seed. */
    public DataSet batch(long seed) {
      Random random = new Random(seed);
      INDArray features =
          switch (kind) {
            case DENSE -> noise(random, BATCH, 7);
            case CONVOLUTION -> noise(random, BATCH, 2, 8, 8);
            case SEPARABLE -> noise(random, BATCH, 2, 6, 6);
            case LSTM, GRAVES_LSTM, SIMPLE_RNN, RECURRENT, WRAPPED ->
                noise(random, BATCH, 7, STEPS);
            case SEQUENCE -> noise(random, BATCH, 3, LONG_STEPS);
            case CAPSULES -> noise(random, BATCH, 2, 5, 5);
            case VOLUME -> noise(random, BATCH, 2, 2, 2, 2);
            case AUTOENCODER -> words(random);
          };
      if (!isRecurrent()) {
        INDArray labels = Nd4j.zeros(type, BATCH, CLASSES);
        for (int i = 0; i < BATCH; i++) {
          labels.putScalar(i, random.nextInt(CLASSES), 1.0);
        }
        return new DataSet(features, labels);
      }
      INDArray labels = Nd4j.zeros(type, BATCH, CLASSES, STEPS);
      for (int i = 0; i < BATCH; i++) {
        for (int t = 0; t < STEPS; t++) {
          labels.putScalar(new int[] {i, random.nextInt(CLASSES), t}, 1.0);
        }
      }
      return new DataSet(features, labels);
    }

    private INDArray words(Random random) {
      INDArray words = Nd4j.create(type, BATCH, 1);
      for (int i = 0; i < BATCH; i++) {
        words.putScalar(i, random.nextInt(WORDS));
      }
      return words;
    }

    private INDArray noise(Random random, int... shape) {
      INDArray array = Nd4j.create(type, java.util.Arrays.stream(shape).asLongStream().toArray());
      for (long i = 0; i < array.length(); i++) {
        array.putScalar(i, random.nextGaussian());
      }
      return array;
    }
  }
}
