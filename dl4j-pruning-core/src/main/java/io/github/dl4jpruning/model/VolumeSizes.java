package io.github.dl4jpruning.model;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.jspecify.annotations.Nullable;

/**
 * Output sizes of three-dimensional layers as their kernels compute them. DL4J's own types use the
 * height's stride for the width, and mix up the axes of a deconvolution.
 */
final class VolumeSizes {

  /** The geometry of a kernel along depth, height and width. */
  @SuppressWarnings("ArrayRecordComponent") // DL4J's own arrays, only read
  private record Kernel(
      int[] size, int[] stride, int @Nullable [] padding, int[] dilation, ConvolutionMode mode) {

    private boolean same() {
      return mode == ConvolutionMode.Same;
    }

    private long reach(int axis) {
      return 1 + (long) (size[axis] - 1) * dilation[axis];
    }

    /** The padding is null if DL4J chooses it. */
    private long padded(int axis) {
      return padding == null ? 0 : 2L * padding[axis];
    }

    long down(long n, int axis) {
      return same()
          ? (n + stride[axis] - 1) / stride[axis]
          : (n + padded(axis) - reach(axis)) / stride[axis] + 1;
    }

    long up(long n, int axis) {
      return same() ? n * stride[axis] : (n - 1) * stride[axis] + reach(axis) - padded(axis);
    }
  }

  private VolumeSizes() {}

  /** Returns the output type of a layer. */
  static InputType behind(Layer layer, int index, InputTypeConvolutional3D in) {
    InputType told = layer.getOutputType(index, in);
    Kernel kernel = kernel(layer);
    if (kernel == null) {
      return told;
    }
    long[] size = {in.getDepth(), in.getHeight(), in.getWidth()};
    for (int axis = 0; axis < size.length; axis++) {
      boolean up = layer instanceof Deconvolution3D;
      size[axis] = up ? kernel.up(size[axis], axis) : kernel.down(size[axis], axis);
    }
    InputTypeConvolutional3D out = (InputTypeConvolutional3D) told;
    return InputType.convolutional3D(
        out.getDataFormat(), size[0], size[1], size[2], out.getChannels());
  }

  /** Returns the kernel of a layer; null if it has none. */
  private static @Nullable Kernel kernel(Layer layer) {
    if (layer instanceof ConvolutionLayer convolution) {
      return new Kernel(
          convolution.getKernelSize(),
          convolution.getStride(),
          convolution.getPadding(),
          convolution.getDilation(),
          convolution.getConvolutionMode());
    } else if (layer instanceof Subsampling3DLayer pool) {
      return new Kernel(
          pool.getKernelSize(),
          pool.getStride(),
          pool.getPadding(),
          pool.getDilation(),
          pool.getConvolutionMode());
    }
    return null;
  }
}
