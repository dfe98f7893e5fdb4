package io.github.dl4jpruning.export;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Translates a layer into steps. It compares exact classes, since a subclass of a known layer may
 * do something else.
 */
@SuppressWarnings("deprecation") // DL4J and existing networks still have these layers
final class LayerTranslator {

  private static final Set<Class<?>> DENSE =
      Set.of(
          DenseLayer.class,
          OutputLayer.class,
          RnnOutputLayer.class,
          CenterLossOutputLayer.class,
          AutoEncoder.class);
  private static final Set<Class<?>> LOSSES =
      Set.of(LossLayer.class, CnnLossLayer.class, Cnn3DLossLayer.class, RnnLossLayer.class);

  private final PlanBuilder plan;
  private final RecurrentTranslator recurrent;
  private final ConvolutionTranslator convolutions;
  private final SpatialTranslator spatial;

  LayerTranslator(PlanBuilder plan) {
    this.plan = plan;
    this.recurrent = new RecurrentTranslator(plan, this);
    this.convolutions = new ConvolutionTranslator(plan);
    this.spatial = new SpatialTranslator(plan);
  }

  /**
   * Translates a layer.
   *
   * @param prefix the prefix of the keys of its parameters
   */
  Flowing read(Layer wrapped, String prefix, Flowing in) {
    Layer layer = Frozen.unwrapped(wrapped);
    Class<?> type = layer.getClass();
    if (DENSE.contains(type)) {
      return dense((FeedForwardLayer) layer, prefix, in);
    } else if (layer instanceof ConvolutionLayer convolution) {
      return convolutions.read(convolution, prefix, in);
    } else if (recurrent.knows(layer)) {
      return recurrent.read(layer, prefix, in);
    } else if (type == LastTimeStep.class) {
      return recurrent.lastOf(((LastTimeStep) layer).getUnderlying(), prefix, in);
    } else if (type == MaskZeroLayer.class) {
      return recurrent.readMasked((MaskZeroLayer) layer, prefix, in);
    } else if (type == TimeDistributed.class) {
      return read(((TimeDistributed) layer).getUnderlying(), prefix, in);
    } else if (type == BatchNormalization.class) {
      return normalised((BatchNormalization) layer, prefix, in);
    } else if (type == ActivationLayer.class) {
      return plan.activated(((ActivationLayer) layer).getActivationFn(), in);
    } else if (LOSSES.contains(type)) {
      return plan.activatedByRow(((BaseLayer) layer).getActivationFn(), in);
    } else if (type == DropoutLayer.class || type == MaskLayer.class) {
      return in;
    } else if (type == GlobalPoolingLayer.class) {
      return pooled((GlobalPoolingLayer) layer, in);
    } else if (type == EmbeddingLayer.class || type == EmbeddingSequenceLayer.class) {
      return embedding((FeedForwardLayer) layer, prefix, in);
    } else if (type == PReLULayer.class) {
      return sloped((PReLULayer) layer, prefix, in);
    } else if (type == ElementWiseMultiplicationLayer.class) {
      return multiplied((ElementWiseMultiplicationLayer) layer, prefix, in);
    } else if (type == RepeatVector.class) {
      RepeatVector repeat = (RepeatVector) layer;
      return plan.add(new Operation.RepeatSteps(repeat.getN()), in)
          .asVectors(true)
          .withChannelsLast(repeat.getDataFormat() == RNNFormat.NWC);
    }
    return spatial.read(layer, in);
  }

  /** Adds W·x + b and the activation, as one step or two. */
  Flowing multiplied(Matrix weights, Matrix bias, IActivation activation, Flowing in) {
    if (Activations.isSoftmax(activation)) {
      Flowing sums = plan.add(new Operation.Linear(weights, bias, Activation.IDENTITY), in);
      return plan.activatedByRow(activation, sums);
    }
    Activation function = Activations.of(activation, plan.layer());
    return plan.add(new Operation.Linear(weights, bias, function), in);
  }

  private Flowing dense(FeedForwardLayer layer, String prefix, Flowing in) {
    if (in.planes()) {
      throw plan.unsupported("a dense layer that reads planes without a preprocessor");
    }
    Matrix weights = plan.transposed(prefix + "W");
    Matrix bias = plan.bias(prefix + "b");
    if (!(layer instanceof DenseLayer dense && dense.hasLayerNorm())) {
      return multiplied(weights, bias, layer.getActivationFn(), in);
    }
    Flowing sums = plan.add(new Operation.Linear(weights, Matrix.NONE, Activation.IDENTITY), in);
    Flowing normalised =
        plan.add(
            new Operation.LayerNormalisation(plan.bias(prefix + "g"), bias, Activation.IDENTITY),
            sums);
    return plan.activatedByRow(layer.getActivationFn(), normalised);
  }

  private Flowing normalised(BatchNormalization layer, String prefix, Flowing in) {
    float[] mean = plan.values(prefix + "mean");
    float[] variance = plan.values(prefix + (layer.isUseLogStd() ? "log10stdev" : "var"));
    boolean locked = layer.isLockGammaBeta();
    float[] scales = new float[mean.length];
    float[] shifts = new float[mean.length];
    float[] gamma = locked ? new float[0] : plan.values(prefix + "gamma");
    float[] beta = locked ? new float[0] : plan.values(prefix + "beta");
    for (int i = 0; i < mean.length; i++) {
      double squared =
          layer.isUseLogStd() ? Math.pow(10.0, 2.0 * variance[i]) : (double) variance[i];
      double scale = (locked ? layer.getGamma() : gamma[i]) / Math.sqrt(squared + layer.getEps());
      scales[i] = (float) scale;
      shifts[i] = (float) ((locked ? layer.getBeta() : beta[i]) - mean[i] * scale);
    }
    return plan.add(
        new Operation.PerChannel(Matrix.vector(scales), Matrix.vector(shifts), Activation.IDENTITY),
        in);
  }

  private Flowing pooled(GlobalPoolingLayer layer, Flowing in) {
    if (!allButChannels(layer.getPoolingDimensions(), in)) {
      throw plan.unsupported(
          "pooling over the dimensions "
              + Arrays.toString(layer.getPoolingDimensions())
              + " of an array with channels "
              + (in.channelsLast() ? "last" : "first"));
    }
    Operation pooling =
        new Operation.GlobalPooling(pool(layer.getPoolingType()), layer.getPnorm(), !in.planes());
    Flowing out = plan.add(pooling, in);
    if (layer.isCollapseDimensions()) {
      return out.asVectors(in.planes() && in.steps());
    } else if (in.channelsLast() || (in.planes() && in.steps())) {
      // With channels last, DL4J outputs as many channels as there are rows or steps.
      throw plan.unsupported(
          "global pooling that keeps dimensions, with channels last or over steps of planes");
    } else if (!in.planes()) {
      return plan.add(new Operation.RepeatSteps(1), out); // a sequence of one step
    }
    // One step as the width of planes gives planes of one position.
    return plan.add(new Operation.StepsToWidth(), out);
  }

  /**
   * Returns whether these are all dimensions of DL4J's array except examples and channels. By
   * default DL4J pools over all dimensions after the second one, wherever the channels are.
   */
  private static boolean allButChannels(int @Nullable [] dimensions, Flowing in) {
    if (dimensions == null) {
      return !in.channelsLast();
    }
    int rank = dimensions.length + 2;
    int channels = in.channelsLast() ? rank - 1 : 1;
    boolean ranks = in.planes() ? rank > 3 : rank == 3;
    return ranks
        && Arrays.stream(dimensions).map(d -> d < 0 ? d + rank : d).distinct().count()
            == dimensions.length
        && Arrays.stream(dimensions)
            .map(d -> d < 0 ? d + rank : d)
            .allMatch(d -> d > 0 && d < rank && d != channels);
  }

  static Operation.Pool pool(PoolingType type) {
    return switch (type) {
      case MAX -> Operation.Pool.MAX;
      case AVG -> Operation.Pool.AVERAGE;
      case SUM -> Operation.Pool.SUM;
      case PNORM -> Operation.Pool.NORM;
    };
  }

  private Flowing embedding(FeedForwardLayer layer, String prefix, Flowing in) {
    boolean sequence = layer instanceof EmbeddingSequenceLayer;
    INDArray table = plan.parameter(prefix + "W");
    Matrix words =
        new Matrix(
            Math.toIntExact(table.size(0)),
            Math.toIntExact(table.size(1)),
            PlanBuilder.values(table));
    Flowing found =
        plan.add(new Operation.Embedding(words, plan.bias(prefix + "b"), Activation.IDENTITY), in);
    Flowing out = plan.activated(layer.getActivationFn(), found);
    boolean last =
        layer instanceof EmbeddingSequenceLayer steps && steps.getOutputFormat() == RNNFormat.NWC;
    return out.asVectors(sequence || in.steps()).withChannelsLast(last);
  }

  private Flowing sloped(PReLULayer layer, String prefix, Flowing in) {
    // The layer's input shape is of no use: DL4J writes ones into it for shared axes.
    INDArray slopes = plan.parameter(prefix + "W");
    int rank = layer.getInputShape().length;
    int channels = in.channelsLast() ? rank : 1;
    Set<Integer> shared = new HashSet<>();
    if (layer.getSharedAxes() != null) {
      Arrays.stream(layer.getSharedAxes()).forEach(axis -> shared.add(Math.toIntExact(axis)));
    }
    boolean positions = shared.size() == rank - 1 && !shared.contains(channels);
    if (shared.isEmpty() && in.channelsLast() && rank > 3) {
      throw plan.unsupported("PReLU with a slope for each position of volumes with channels last");
    }
    if (!positions && shared.size() < rank && (in.steps() || !shared.isEmpty())) {
      throw plan.unsupported(
          "PReLU with slopes that are shared along the axes "
              + shared
              + "; share them along all axes behind the channels, so that each channel has one"
              + (in.steps() ? "" : ", or share none"));
    }
    INDArray each = slopes.reshape(slopes.length());
    if (in.channelsLast() && rank == 3 && shared.isEmpty()) {
      long[] sizes = slopes.shape();
      each = slopes.reshape(sizes[sizes.length - 3], sizes[sizes.length - 2], -1).permute(2, 0, 1);
    }
    return plan.add(new Operation.Slopes(Matrix.vector(PlanBuilder.values(each))), in);
  }

  private Flowing multiplied(ElementWiseMultiplicationLayer layer, String prefix, Flowing in) {
    Flowing out =
        plan.add(
            new Operation.PerChannel(
                Matrix.vector(plan.values(prefix + "W")),
                Matrix.vector(plan.values(prefix + "b")),
                Activation.IDENTITY),
            in);
    return plan.activated(layer.getActivationFn(), out);
  }
}
