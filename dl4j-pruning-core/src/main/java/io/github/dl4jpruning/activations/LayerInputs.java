package io.github.dl4jpruning.activations;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.recurrent.BidirectionalLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What the rows of a {@link LinearLayer} are multiplied with, after a forward pass that left the
 * inputs in place: a row for each sample, step of a sequence, or place of a convolution.
 */
final class LayerInputs {

  private LayerInputs() {}

  /** Patches of a piece of a batch have at most this many elements. */
  private static final long PIECE = 1 << 22;

  /**
   * Gives the inputs of a layer of one of the kinds that {@link LinearLayers} knows, in pieces.
   *
   * @param masks of the features of the batch; DL4J's recurrent layers do not keep them
   */
  static void forEach(Layer layer, List<INDArray> masks, Consumer<INDArray> rows) {
    Object configuration = layer.conf().getLayer();
    INDArray input = layer.input();
    if (configuration instanceof BaseRecurrentLayer recurrent) {
      boolean stepsFirst = recurrent.getRnnDataFormat() == RNNFormat.NWC;
      rows.accept(recurrent(layer, input, stepsFirst, masks).castTo(DataType.DOUBLE));
    } else if (configuration instanceof ConvolutionLayer convolution) {
      long[] kernel = Arrays.stream(convolution.getKernelSize()).asLongStream().toArray();
      long positions = kernel[0] * (input.rank() == 3 ? 1 : kernel[1]);
      long samples = input.size(0);
      long each = Math.max(1, PIECE / (input.length() / samples * positions));
      for (long from = 0; from < samples; from += each) {
        INDArray some = input.get(NDArrayIndex.interval(from, Math.min(samples, from + each)));
        INDArray patches =
            input.rank() == 3 ? sequences(convolution, some) : patches(convolution, some);
        rows.accept(patches.castTo(DataType.DOUBLE));
      }
    } else if (input.rank() == 3) {
      boolean stepsFirst =
          configuration instanceof RnnOutputLayer output
              && output.getRnnDataFormat() == RNNFormat.NWC;
      rows.accept(steps(input, stepsFirst, masks).castTo(DataType.DOUBLE));
    } else {
      rows.accept(input.castTo(DataType.DOUBLE));
    }
  }

  /**
   * Returns the mean square of what the columns of a layer are multiplied with. Masked steps count
   * as samples.
   *
   * @param columns the number of columns
   */
  static double[] meanSquares(Layer layer, int columns) {
    Object configuration = layer.conf().getLayer();
    INDArray input = layer.input();
    if (input.dataType() != DataType.DOUBLE) {
      input = input.castTo(DataType.FLOAT); // sums of squares overflow in half precision
    }
    INDArray sums;
    double samples = input.size(0);
    if (configuration instanceof BaseRecurrentLayer recurrent) {
      boolean stepsFirst = recurrent.getRnnDataFormat() == RNNFormat.NWC;
      INDArray rows = recurrent(layer, layer.input(), stepsFirst, List.of());
      sums = squared(rows.castTo(input.dataType()).norm2(0));
      samples = rows.size(0);
    } else if (configuration instanceof ConvolutionLayer convolution) {
      // The places of all examples are the same, so that their squares can be added up first.
      INDArray squares = squared(input.norm2(true, 0));
      INDArray places =
          input.rank() == 3 ? sequences(convolution, squares) : patches(convolution, squares);
      sums = places.sum(0);
      samples *= places.size(0);
    } else if (input.rank() == 3) {
      boolean stepsFirst =
          configuration instanceof RnnOutputLayer output
              && output.getRnnDataFormat() == RNNFormat.NWC;
      sums = squared(input.norm2(0, stepsFirst ? 1 : 2));
      samples *= input.size(stepsFirst ? 1 : 2);
    } else {
      sums = squared(input.norm2(0));
    }
    double[] means = sums.dup('c').data().asDouble();
    if (means.length != columns) {
      throw new IllegalStateException(
          "expected " + columns + " inputs of a layer, but found " + means.length);
    }
    for (int i = 0; i < means.length; i++) {
      means[i] /= samples;
    }
    return means;
  }

  private static INDArray squared(INDArray norms) {
    INDArray values = norms.castTo(DataType.DOUBLE);
    return values.mul(values);
  }

  /** Returns steps as rows, without those that are masked. */
  private static INDArray steps(INDArray input, boolean stepsFirst, List<INDArray> masks) {
    INDArray inOrder = stepsFirst ? input : input.permute(0, 2, 1);
    long steps = inOrder.size(0) * inOrder.size(1);
    INDArray rows = inOrder.dup('c').reshape('c', steps, inOrder.size(2));
    Optional<INDArray> mask =
        masks.stream()
            .filter(m -> m.rank() == 2)
            .filter(m -> m.size(0) == inOrder.size(0) && m.size(1) == inOrder.size(1))
            .findFirst();
    if (mask.isEmpty()) {
      return rows;
    }
    double[] counts = mask.get().dup('c').data().asDouble();
    int[] kept = IntStream.range(0, counts.length).filter(i -> counts[i] != 0).toArray();
    return kept.length == counts.length ? rows : rows.getRows(kept);
  }

  /** The outputs of the step before stand behind the inputs; before the first step they are 0. */
  private static INDArray recurrent(
      Layer layer, INDArray input, boolean stepsFirst, List<INDArray> masks) {
    INDArray output = layer.activate(input, false, LayerWorkspaceMgr.noWorkspaces());
    INDArray states = stepsFirst ? output : output.permute(0, 2, 1);
    INDArray before = Nd4j.zeros(output.dataType(), states.shape());
    long steps = states.size(1);
    if (steps > 1) {
      before
          .get(NDArrayIndex.all(), NDArrayIndex.interval(1, steps), NDArrayIndex.all())
          .assign(
              states.get(
                  NDArrayIndex.all(), NDArrayIndex.interval(0, steps - 1), NDArrayIndex.all()));
    }
    return Nd4j.hstack(steps(input, stepsFirst, masks), steps(before, true, masks));
  }

  private static INDArray sequences(ConvolutionLayer layer, INDArray input) {
    // The one-dimensional layer is a two-dimensional one of width 1.
    boolean stepsFirst =
        layer instanceof Convolution1DLayer one && one.getRnnDataFormat() == RNNFormat.NWC;
    INDArray channelsFirst = stepsFirst ? input.permute(0, 2, 1) : input;
    INDArray image =
        channelsFirst
            .dup('c')
            .reshape('c', channelsFirst.size(0), channelsFirst.size(1), channelsFirst.size(2), 1);
    return columns(
        image,
        new int[] {layer.getKernelSize()[0], 1},
        new int[] {layer.getStride()[0], 1},
        new int[] {layer.getPadding()[0], 0},
        new int[] {layer.getDilation()[0], 1},
        layer.getConvolutionMode());
  }

  private static INDArray patches(ConvolutionLayer layer, INDArray input) {
    INDArray image =
        layer.getCnn2dDataFormat() == CNN2DFormat.NHWC ? input.permute(0, 3, 1, 2) : input;
    return columns(
        image.dup('c'),
        layer.getKernelSize(),
        layer.getStride(),
        layer.getPadding(),
        layer.getDilation(),
        layer.getConvolutionMode());
  }

  /**
   * Returns what each place of a convolution reads: channel by channel, each row by row of the
   * kernel. What lies outside of the image is 0.
   */
  private static INDArray columns(
      INDArray image,
      int[] kernel,
      int[] stride,
      int[] padding,
      int[] dilation,
      ConvolutionMode mode) {
    int[] size = {(int) image.size(2), (int) image.size(3)};
    int[] out = new int[2];
    for (int d = 0; d < 2; d++) {
      int reach = (kernel[d] - 1) * dilation[d] + 1;
      out[d] =
          mode == ConvolutionMode.Same
              ? (size[d] - 1) / stride[d] + 1
              : (size[d] + 2 * padding[d] - reach) / stride[d] + 1;
    }
    int[] before =
        mode == ConvolutionMode.Same
            ? ConvolutionUtils.getSameModeTopLeftPadding(out, size, kernel, stride, dilation)
            : padding;
    return places(image, kernel, stride, before, dilation, out);
  }

  private static INDArray places(
      INDArray image, int[] kernel, int[] stride, int[] before, int[] dilation, int[] out) {
    int height = (int) image.size(2);
    int width = (int) image.size(3);
    int channels = (int) image.size(1);
    int planes = (int) image.size(0) * channels;
    double[] pixels = image.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    int area = kernel[0] * kernel[1];
    double[] values = new double[planes * out[0] * out[1] * area];
    for (int plane = 0; plane < planes; plane++) {
      for (int place = 0; place < out[0] * out[1]; place++) {
        int top = place / out[1] * stride[0] - before[0];
        int left = place % out[1] * stride[1] - before[1];
        int sample = plane / channels;
        int to = ((sample * out[0] * out[1] + place) * channels + plane % channels) * area;
        for (int k = 0; k < area; k++) {
          int row = top + k / kernel[1] * dilation[0];
          int column = left + k % kernel[1] * dilation[1];
          boolean inside = row >= 0 && row < height && column >= 0 && column < width;
          values[to + k] = inside ? pixels[(plane * height + row) * width + column] : 0;
        }
      }
    }
    long rows = image.size(0) * out[0] * out[1];
    return Nd4j.create(values, new long[] {rows, (long) channels * area}, DataType.DOUBLE);
  }

  /** Returns the layer inside of wrappers; empty where it cannot be reached. */
  static Optional<Layer> innermost(Layer layer) {
    if (layer instanceof BaseWrapperLayer wrapper) {
      return innermost(wrapper.getUnderlying());
    } else if (layer instanceof FrozenLayer frozen) {
      return innermost(frozen.getInsideLayer());
    } else if (layer instanceof BidirectionalLayer) {
      return Optional.empty();
    }
    return Optional.of(layer);
  }
}
