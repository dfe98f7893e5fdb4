package io.github.dl4jpruning.activations;

import java.util.Arrays;
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
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
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

  /** Gives the inputs of a layer of one of the kinds that {@link LinearLayers} knows, in pieces. */
  static void forEach(Layer layer, Consumer<INDArray> rows) {
    Object configuration = layer.conf().getLayer();
    INDArray input = layer.input();
    if (configuration instanceof BaseRecurrentLayer recurrent) {
      boolean stepsFirst = recurrent.getRnnDataFormat() == RNNFormat.NWC;
      rows.accept(recurrent(layer, input, stepsFirst).castTo(DataType.DOUBLE));
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
      rows.accept(steps(input, stepsFirst, layer.getMaskArray()).castTo(DataType.DOUBLE));
    } else {
      rows.accept(input.castTo(DataType.DOUBLE));
    }
  }

  /** Returns steps as rows, without those that are masked. */
  private static INDArray steps(INDArray input, boolean stepsFirst, @Nullable INDArray mask) {
    INDArray inOrder = stepsFirst ? input : input.permute(0, 2, 1);
    long steps = inOrder.size(0) * inOrder.size(1);
    INDArray rows = inOrder.dup('c').reshape('c', steps, inOrder.size(2));
    if (mask == null || mask.length() != steps) {
      return rows;
    }
    double[] counts = mask.dup('c').data().asDouble();
    int[] kept = IntStream.range(0, counts.length).filter(i -> counts[i] != 0).toArray();
    return kept.length == counts.length ? rows : rows.getRows(kept);
  }

  /** The outputs of the step before stand behind the inputs; before the first step they are 0. */
  private static INDArray recurrent(Layer layer, INDArray input, boolean stepsFirst) {
    INDArray mask = layer.getMaskArray();
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
    return Nd4j.hstack(steps(input, stepsFirst, mask), steps(before, true, mask));
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

  private static INDArray columns(
      INDArray image,
      int[] kernel,
      int[] stride,
      int[] padding,
      int[] dilation,
      ConvolutionMode mode) {
    int[] size = {(int) image.size(2), (int) image.size(3)};
    boolean same = mode == ConvolutionMode.Same;
    int[] before = padding;
    if (same) {
      int[] out = {(size[0] - 1) / stride[0] + 1, (size[1] - 1) / stride[1] + 1};
      before = ConvolutionUtils.getSameModeTopLeftPadding(out, size, kernel, stride, dilation);
    }
    INDArray columns =
        Convolution.im2col(
            image,
            kernel[0],
            kernel[1],
            stride[0],
            stride[1],
            before[0],
            before[1],
            dilation[0],
            dilation[1],
            same); // [samples, channels, kernel height, kernel width, height, width]
    INDArray places = columns.permute(0, 4, 5, 1, 2, 3).dup('c');
    return places.reshape(
        'c',
        places.size(0) * places.size(1) * places.size(2),
        places.size(3) * places.size(4) * places.size(5));
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
