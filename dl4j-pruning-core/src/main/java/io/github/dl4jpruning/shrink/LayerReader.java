package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.Flow.Combination;
import io.github.dl4jpruning.shrink.FlowBuilder.Activations;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;

/**
 * Reads one layer into a {@link Flow}, by exact class, because the behaviour of a subclass is not
 * known.
 */
@SuppressWarnings("deprecation") // DL4J and existing networks still have these layers
final class LayerReader {

  private static final int FIRST = 1;

  private static final Set<Class<?>> DENSE =
      Set.of(
          DenseLayer.class,
          OutputLayer.class,
          RnnOutputLayer.class,
          CenterLossOutputLayer.class,
          AutoEncoder.class);
  private static final Set<Class<?>> EMBEDDINGS =
      Set.of(EmbeddingLayer.class, EmbeddingSequenceLayer.class);
  private static final Set<Class<?>> CONVOLUTIONS =
      Set.of(
          ConvolutionLayer.class,
          Convolution2D.class,
          Convolution1D.class,
          Convolution1DLayer.class,
          Convolution3D.class,
          Deconvolution2D.class,
          Deconvolution3D.class,
          DepthwiseConvolution2D.class,
          SeparableConvolution2D.class);
  private static final Set<Class<?>> RECURRENT =
      Set.of(SimpleRnn.class, LSTM.class, GravesLSTM.class);
  private static final Set<Class<?>> UPSAMPLING =
      Set.of(Upsampling1D.class, Upsampling2D.class, Upsampling3D.class);
  private static final Set<Class<?>> LOSSES =
      Set.of(LossLayer.class, CnnLossLayer.class, Cnn3DLossLayer.class, RnnLossLayer.class);

  private final FlowBuilder flow;
  private final Multiplication multiplication;
  private final ConvolutionReader convolutions;
  private final RecurrentReader recurrent;

  LayerReader(FlowBuilder flow) {
    this.flow = flow;
    this.multiplication = new Multiplication(flow);
    this.convolutions = new ConvolutionReader(flow);
    this.recurrent = new RecurrentReader(flow);
  }

  /** Finds a layer nested in the configuration of a part. */
  @FunctionalInterface
  interface Path {
    Layer in(Object configuration);
  }

  /**
   * Reads a layer.
   *
   * @param part the name of the layer
   * @param layer the configuration of the layer, or of a nested layer
   * @param path the path to that layer
   * @param prefix the prefix of its parameter keys
   * @param in the input
   * @return the output
   */
  Activations read(String part, Layer layer, Path path, String prefix, Activations in) {
    Class<?> type = layer.getClass();
    if (layer instanceof FrozenLayer frozen) {
      Path inner = c -> ((FrozenLayer) path.in(c)).getLayer();
      return read(part, frozen.getLayer(), inner, prefix, in);
    } else if (layer instanceof MaskZeroLayer masked) {
      // The masked steps depend on all channels of the input.
      Activations looked = flow.step(part, new Flow.Pinned("MaskZeroLayer"), in);
      // Later layers are not told which steps are masked.
      return flow.zerosAmong(
          part, read(part, masked.getUnderlying(), wrapped(path), prefix, looked));
    } else if (layer instanceof LastTimeStep last) {
      return read(part, last.getUnderlying(), wrapped(path), prefix, in)
          .along(FIRST)
          .inSteps(false);
    } else if (type == TimeDistributed.class || type == FrozenLayerWithBackprop.class) {
      Layer inner = ((BaseWrapperLayer) layer).getUnderlying();
      boolean steps = in.steps() || type == TimeDistributed.class;
      return read(part, inner, wrapped(path), prefix, in.inSteps(steps));
    } else if (layer instanceof Bidirectional both) {
      return bidirectional(part, both, path, in);
    } else if (DENSE.contains(type)) {
      return dense(part, (FeedForwardLayer) layer, path, prefix, in);
    } else if (EMBEDDINGS.contains(type)) {
      return embedding(part, (FeedForwardLayer) layer, path, prefix, in);
    } else if (CONVOLUTIONS.contains(type)) {
      return convolutions.read(part, (ConvolutionLayer) layer, path, prefix, in);
    } else if (RECURRENT.contains(type)) {
      return recurrent.read(part, (BaseRecurrentLayer) layer, path, prefix, in);
    } else if (type == GravesBidirectionalLSTM.class) {
      return recurrent.bothDirections(part, (BaseRecurrentLayer) layer, path, prefix, in);
    } else if (type == BatchNormalization.class) {
      return normalised(part, (BatchNormalization) layer, path, prefix, in);
    } else if (type == PReLULayer.class) {
      return sloped(part, (PReLULayer) layer, path, prefix, in);
    } else if (type == ElementWiseMultiplicationLayer.class) {
      return multiplied(part, (ElementWiseMultiplicationLayer) layer, path, prefix, in);
    } else if (type == GlobalPoolingLayer.class) {
      return pooled(part, (GlobalPoolingLayer) layer, in);
    } else if (type == ActivationLayer.class) {
      return flow.activation(part, ((ActivationLayer) layer).getActivationFn(), in);
    } else if (LOSSES.contains(type)) {
      Activations out = same(part, path, in);
      return layer instanceof BaseLayer base
          ? flow.activation(part, base.getActivationFn(), out)
          : flow.step(part, new Flow.Pinned(type.getSimpleName()), out);
    } else if (type == DropoutLayer.class) {
      return same(part, path, in);
    } else if (type == RepeatVector.class) {
      boolean last = ((RepeatVector) layer).getDataFormat() == RNNFormat.NWC;
      return same(part, path, in).along(last ? 2 : FIRST).inSteps(true);
    } else if (type == MaskLayer.class) {
      return flow.zerosAmong(part, in);
    } else if (UPSAMPLING.contains(type)) {
      return in;
    }
    return SpatialLayers.of(layer)
        .map(op -> flow.step(part, op, in))
        .orElseGet(() -> flow.opaque(part, type.getSimpleName(), Flow.UNKNOWN, in));
  }

  private static Path wrapped(Path path) {
    return c -> ((BaseWrapperLayer) path.in(c)).getUnderlying();
  }

  /** Channels pass through, but the configuration may still hold their number. */
  private Activations same(String part, Path path, Activations in) {
    flow.edit(
        part,
        (configuration, preProcessor, widths) -> {
          if (path.in(configuration) instanceof FeedForwardLayer layer && layer.getNIn() > 0) {
            layer.setNIn(widths.of(in.node()));
            layer.setNOut(widths.of(in.node()));
          }
        });
    return in;
  }

  private Activations dense(
      String part, FeedForwardLayer layer, Path path, String prefix, Activations in) {
    boolean normalised = layer instanceof DenseLayer dense && dense.hasLayerNorm();
    Activations out = multiplication.read(part, path, prefix, in, false, normalised);
    if (normalised) {
      out = flow.step(part, new Flow.Pinned("layer normalisation"), out);
    }
    if (layer instanceof AutoEncoder) {
      flow.tensor(part, prefix + "vb", reads(out), -1);
    } else if (layer instanceof CenterLossOutputLayer) {
      PrunableParameter centres = flow.parameter(part, prefix + "cL").orElseThrow();
      flow.tensor(centres, Layouts.rowMajor("oi", centres.shape()), -1, reads(out));
    }
    return flow.activation(part, layer.getActivationFn(), out);
  }

  /** Returns the node that the affine node reads. */
  private int reads(Activations out) {
    return flow.input(out.node());
  }

  private Activations embedding(
      String part, FeedForwardLayer layer, Path path, String prefix, Activations in) {
    int words = flow.parameter(part, prefix + "W").orElseThrow().layout().inputs();
    Activations table = flow.opaque(part, "", words, in);
    Activations out = multiplication.read(part, path, prefix, table, false, false);
    boolean last =
        layer instanceof EmbeddingSequenceLayer sequence
            && sequence.getOutputFormat() == RNNFormat.NWC;
    return flow.activation(part, layer.getActivationFn(), out)
        .along(last ? 2 : FIRST)
        .inSteps(layer instanceof EmbeddingSequenceLayer);
  }

  private Activations normalised(
      String part, BatchNormalization layer, Path path, String prefix, Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    IntToDoubleFunction gamma = flow.values(part, prefix + "gamma", layer.getGamma());
    IntToDoubleFunction beta = flow.values(part, prefix + "beta", layer.getBeta());
    IntToDoubleFunction mean = flow.values(part, prefix + "mean", 0.0);
    IntToDoubleFunction log = flow.values(part, prefix + "log10stdev", 0.0);
    IntToDoubleFunction variance =
        layer.isUseLogStd()
            ? i -> Math.pow(10.0, 2.0 * log.applyAsDouble(i))
            : flow.values(part, prefix + "var", 1.0);
    Flow.Channelwise op =
        new Flow.Channelwise(
            (i, value) -> {
              double scale = gamma.applyAsDouble(i);
              double shift = beta.applyAsDouble(i);
              return scale == 0.0
                  ? shift
                  : scale
                          * (value - mean.applyAsDouble(i))
                          / Math.sqrt(variance.applyAsDouble(i) + layer.getEps())
                      + shift;
            });
    Activations out = flow.step(part, op, known);
    for (String key : new String[] {"gamma", "beta", "mean", "var", "log10stdev"}) {
      flow.tensor(part, prefix + key, out.node(), -1);
    }
    return same(part, path, out);
  }

  private Activations sloped(
      String part, PReLULayer layer, Path path, String prefix, Activations in) {
    long[] shape = layer.getInputShape();
    int axis = Math.max(in.axis(), FIRST) - 1;
    if (axis >= shape.length || flow.width(in) == Flow.UNKNOWN || shape[axis] != flow.width(in)) {
      return flow.step(part, new Flow.Pinned("PReLU with slopes that channels share"), in);
    }
    Activations out =
        flow.step(part, new Flow.Channelwise((i, c) -> c >= 0.0 ? c : Double.NaN), in);
    String meaning = "p".repeat(axis) + "o" + "p".repeat(shape.length - axis - 1);
    PrunableParameter slopes = flow.parameter(part, prefix + "W").orElseThrow();
    flow.tensor(slopes, Layouts.columnMajor(meaning, slopes.shape()), out.node(), -1);
    flow.edit(
        part,
        (configuration, preProcessor, widths) -> {
          PReLULayer own = (PReLULayer) path.in(configuration);
          long[] narrower = own.getInputShape().clone();
          narrower[axis] = widths.of(out.node());
          own.setInputShape(narrower);
        });
    return out;
  }

  private Activations multiplied(
      String part, ElementWiseMultiplicationLayer layer, Path path, String prefix, Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    IntToDoubleFunction weights = flow.values(part, prefix + "W", 1.0);
    IntToDoubleFunction bias = flow.values(part, prefix + "b", 0.0);
    Flow.ChannelFunction function =
        (i, c) -> {
          double w = weights.applyAsDouble(i);
          return (w == 0.0 ? 0.0 : w * c) + bias.applyAsDouble(i);
        };
    Activations out = flow.step(part, new Flow.Channelwise(function), known);
    flow.tensor(part, prefix + "W", out.node(), -1);
    flow.tensor(part, prefix + "b", out.node(), -1);
    same(part, path, out);
    return flow.activation(part, layer.getActivationFn(), out);
  }

  private Activations pooled(String part, GlobalPoolingLayer layer, Activations in) {
    int axis = Math.max(in.axis(), FIRST);
    int[] dimensions = layer.getPoolingDimensions();
    boolean overChannels = dimensions == null ? axis > FIRST : contains(dimensions, axis);
    if (overChannels) {
      return flow.opaque(part, "pools over channels", Flow.UNKNOWN, in);
    }
    Flow.Op op = SpatialLayers.pooling(layer.getPoolingType(), false);
    Activations out = flow.step(part, op, in);
    return layer.isCollapseDimensions() ? out.along(FIRST).inSteps(false) : out.inSteps(false);
  }

  private static boolean contains(int[] dimensions, int axis) {
    for (int dimension : dimensions) {
      if (dimension == axis || dimension < 0) { // counted from the end, and the rank is not known
        return true;
      }
    }
    return false;
  }

  private Activations bidirectional(String part, Bidirectional both, Path path, Activations in) {
    Path forwards = c -> ((Bidirectional) path.in(c)).getFwd();
    Path backwards = c -> ((Bidirectional) path.in(c)).getBwd();
    Activations there = read(part, both.getFwd(), forwards, "f", in);
    Activations back = read(part, both.getBwd(), backwards, "b", in);
    int width = flow.width(there);
    if (width == Flow.UNKNOWN) {
      return flow.opaque(part, "", Flow.UNKNOWN, there, back);
    } else if (both.getMode() == Bidirectional.Mode.CONCAT) {
      flow.tie(there.node(), back.node()); // both directions have one common number of units
      return there.at(flow.add(part, 2 * width, new Flow.Concat(), there.node(), back.node()));
    }
    Combination how =
        switch (both.getMode()) {
          case MUL -> Combination.PRODUCT;
          case AVERAGE -> Combination.AVERAGE;
          default -> Combination.ADD;
        };
    return there.at(flow.add(part, width, new Flow.Combine(how), there.node(), back.node()));
  }
}
