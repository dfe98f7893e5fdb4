package io.github.dl4jpruning.export;

import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Translates convolutions into steps. */
final class ConvolutionTranslator {

  private static final List<Integer> ZEROS = List.of(0, 0, 0);
  private static final List<Integer> ONES = List.of(1, 1, 1);

  private final PlanBuilder plan;

  ConvolutionTranslator(PlanBuilder plan) {
    this.plan = plan;
  }

  Flowing read(ConvolutionLayer layer, String prefix, Flowing in) {
    Class<?> type = layer.getClass();
    if (type == Convolution1D.class || type == Convolution1DLayer.class) {
      return alongSteps((Convolution1DLayer) layer, prefix, in);
    }
    if (!in.planes()) {
      throw plan.unsupported("a convolution that reads vectors");
    }
    boolean last = isLast(layer);
    if (type == ConvolutionLayer.class
        || type == Convolution2D.class
        || type == Convolution3D.class) {
      Matrix weights = byOutput(plan.parameter(prefix + "W"));
      return convolved(layer, weights, plan.bias(prefix + "b"), window(layer), in).asPlanes(last);
    } else if (type == DepthwiseConvolution2D.class) {
      Matrix weights = depthwise(plan.parameter(prefix + "W").permute(3, 2, 0, 1), false);
      return convolved(layer, weights, plan.bias(prefix + "b"), window(layer), in).asPlanes(last);
    } else if (type == SeparableConvolution2D.class) {
      return separable(layer, prefix, in).asPlanes(last);
    } else if (type == Deconvolution2D.class || type == Deconvolution3D.class) {
      return transposed(layer, prefix, in).asPlanes(last);
    }
    throw plan.unsupported(type.getSimpleName());
  }

  private static boolean isLast(ConvolutionLayer layer) {
    if (layer instanceof Convolution3D volume) {
      return volume.getDataFormat() == Convolution3D.DataFormat.NDHWC;
    } else if (layer instanceof Deconvolution3D volume) {
      return volume.getDataFormat() == Convolution3D.DataFormat.NDHWC;
    }
    return layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
  }

  private Flowing convolved(
      ConvolutionLayer layer, Matrix weights, Matrix bias, Window window, Flowing in) {
    Flowing sums =
        plan.add(new Operation.Convolution(weights, bias, window, Activation.IDENTITY), in);
    return plan.activated(layer.getActivationFn(), sums);
  }

  private Flowing alongSteps(Convolution1DLayer layer, String prefix, Flowing in) {
    Matrix weights = ofSequence(plan.parameter(prefix + "W"));
    Window window =
        Window.of(
            Window.first(layer.getKernelSize()),
            Window.first(layer.getStride()),
            Window.first(layer.getDilation()),
            Window.first(layer.getPadding()),
            mode(layer.getConvolutionMode()));
    Flowing planes = plan.add(new Operation.StepsToWidth(), in).asPlanes(in.channelsLast());
    Flowing sums =
        plan.add(
            new Operation.Convolution(
                weights, plan.bias(prefix + "b"), window, Activation.IDENTITY),
            planes);
    Flowing steps = plan.add(new Operation.WidthToSteps(), sums).asVectors(true);
    return plan.activated(layer.getActivationFn(), steps)
        .withChannelsLast(layer.getRnnDataFormat() == RNNFormat.NWC);
  }

  static Window.Mode mode(ConvolutionMode mode) {
    return switch (mode) {
      case Same -> Window.Mode.SAME;
      case Causal -> Window.Mode.CAUSAL;
      case Strict, Truncate -> Window.Mode.EXPLICIT;
    };
  }

  private static Window window(ConvolutionLayer layer) {
    return Window.of(
        layer.getKernelSize(),
        layer.getStride(),
        layer.getDilation(),
        layer.getPadding(),
        mode(layer.getConvolutionMode()));
  }

  /** Returns a kernel whose axes are outputs, then inputs, then places. */
  private static Matrix byOutput(INDArray kernel) {
    int rows = Math.toIntExact(kernel.size(0));
    return new Matrix(rows, Math.toIntExact(kernel.length() / rows), PlanBuilder.values(kernel));
  }

  /**
   * Returns the kernel of a convolution along steps. Its shape is [outputs, inputs, places, 1], but
   * DL4J reads its memory as [places, inputs, outputs].
   */
  private static Matrix ofSequence(INDArray kernel) {
    int outputs = Math.toIntExact(kernel.size(0));
    int inputs = Math.toIntExact(kernel.size(1));
    int places = Math.toIntExact(kernel.size(2));
    float[] from = PlanBuilder.values(kernel);
    float[] values = new float[from.length];
    for (int place = 0; place < places; place++) {
      for (int input = 0; input < inputs; input++) {
        for (int output = 0; output < outputs; output++) {
          values[(output * inputs + input) * places + place] =
              from[(place * inputs + input) * outputs + output];
        }
      }
    }
    return new Matrix(outputs, inputs * places, values);
  }

  /**
   * Returns the kernel of a depthwise convolution, [copies, inputs, height, width], with zeros for
   * inputs that an output does not read.
   *
   * @param copiesFirst whether outputs are ordered by copy, then by input
   */
  private static Matrix depthwise(INDArray kernel, boolean copiesFirst) {
    int copies = Math.toIntExact(kernel.size(0));
    int inputs = Math.toIntExact(kernel.size(1));
    int places = Math.toIntExact(kernel.size(2) * kernel.size(3));
    float[] from = PlanBuilder.values(kernel);
    float[] values = new float[Math.multiplyExact(copies * inputs, inputs * places)];
    for (int copy = 0; copy < copies; copy++) {
      for (int input = 0; input < inputs; input++) {
        int output = copiesFirst ? copy * inputs + input : input * copies + copy;
        int to = (output * inputs + input) * places;
        System.arraycopy(from, (copy * inputs + input) * places, values, to, places);
      }
    }
    return new Matrix(copies * inputs, inputs * places, values);
  }

  private Flowing separable(ConvolutionLayer layer, String prefix, Flowing in) {
    Matrix depthwise = depthwise(plan.parameter(prefix + "W"), false);
    Flowing copies =
        plan.add(
            new Operation.Convolution(depthwise, Matrix.NONE, window(layer), Activation.IDENTITY),
            in);
    Window alone = new Window(ONES, ONES, ONES, ZEROS, ZEROS, Window.Mode.EXPLICIT);
    Matrix pointwise = byOutput(plan.parameter(prefix + "pW"));
    return convolved(layer, pointwise, plan.bias(prefix + "b"), alone, copies);
  }

  /**
   * Translates a transposed convolution: a convolution with the flipped kernel, of an input that is
   * spread by the strides.
   */
  private Flowing transposed(ConvolutionLayer layer, String prefix, Flowing in) {
    boolean volume = layer instanceof Deconvolution3D;
    INDArray kernel = plan.parameter(prefix + "W");
    INDArray byOutput = volume ? kernel.permute(3, 4, 0, 1, 2) : kernel.permute(1, 0, 2, 3);
    Window own = window(layer);
    boolean same = own.mode() == Window.Mode.SAME;
    Integer[] before = new Integer[3];
    Integer[] behind = new Integer[3];
    for (int a = 0; a < 3; a++) {
      int extent = (own.size().get(a) - 1) * own.dilation().get(a);
      int stride = own.stride().get(a);
      int cut = same ? Math.max(extent + 1 - stride, 0) / 2 : own.before().get(a);
      before[a] = extent - cut;
      behind[a] = same ? extent + stride - 1 - before[a] : extent - cut;
    }
    Flowing spread =
        own.stride().equals(ONES) ? in : plan.add(new Operation.Spread(own.stride()), in);
    List<Integer> border =
        IntStream.range(0, 6).mapToObj(i -> i % 2 == 0 ? before[i / 2] : behind[i / 2]).toList();
    Flowing bordered =
        border.stream().allMatch(size -> size == 0)
            ? spread
            : plan.add(new Operation.Border(border), spread);
    Window turned =
        new Window(own.size(), ONES, own.dilation(), ZEROS, ZEROS, Window.Mode.EXPLICIT);
    Matrix weights = turnedAround(byOutput(byOutput), turned.places());
    return convolved(layer, weights, plan.bias(prefix + "b"), turned, bordered);
  }

  private static Matrix turnedAround(Matrix kernel, int places) {
    float[] values = new float[kernel.values().length];
    for (int i = 0; i < values.length; i++) {
      int place = i % places;
      values[i - place + places - 1 - place] = kernel.values()[i];
    }
    return new Matrix(kernel.rows(), kernel.columns(), values);
  }
}
