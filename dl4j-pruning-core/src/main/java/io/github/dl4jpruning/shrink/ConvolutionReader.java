package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.shrink.FlowBuilder.Activations;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;

/** Reads convolutions into a {@link Flow}. */
final class ConvolutionReader {

  private static final int FIRST = 1;

  private final FlowBuilder flow;
  private final Multiplication multiplication;

  ConvolutionReader(FlowBuilder flow) {
    this.flow = flow;
    this.multiplication = new Multiplication(flow);
  }

  /** Returns whether zeros are read beyond the border. */
  static boolean padded(ConvolutionMode mode, int[] kernel, int[] padding) {
    boolean bordered = mode == ConvolutionMode.Same || mode == ConvolutionMode.Causal;
    for (int i = 0; i < kernel.length; i++) {
      boolean zeros = padding != null && i < padding.length && padding[i] > 0;
      if (zeros || (bordered && kernel[i] > 1)) {
        return true;
      }
    }
    return false;
  }

  private static boolean padded(ConvolutionLayer layer) {
    // A Convolution3D also has its own mode, which DL4J does not use to convolve.
    return padded(layer.getConvolutionMode(), layer.getKernelSize(), layer.getPadding());
  }

  /** Returns the axis of the output that holds the channels. */
  private static int axis(ConvolutionLayer layer) {
    if (layer instanceof Convolution1DLayer sequence) {
      return sequence.getRnnDataFormat() == RNNFormat.NWC ? 2 : FIRST;
    } else if (layer instanceof Convolution3D volume) {
      return volume.getDataFormat() == Convolution3D.DataFormat.NDHWC ? 4 : FIRST;
    } else if (layer instanceof Deconvolution3D volume) {
      return volume.getDataFormat() == Convolution3D.DataFormat.NDHWC ? 4 : FIRST;
    }
    return layer.getCnn2dDataFormat() == CNN2DFormat.NHWC ? 3 : FIRST;
  }

  Activations read(
      String part, ConvolutionLayer layer, LayerReader.Path path, String prefix, Activations in) {
    if (layer instanceof DepthwiseConvolution2D depthwise) {
      return depthwise(part, depthwise, path, prefix, in);
    } else if (layer instanceof SeparableConvolution2D separable) {
      return separable(part, separable, path, prefix, in);
    }
    // A transposed convolution does not use all parts of its kernel at each position.
    boolean uneven = layer instanceof Deconvolution2D || layer instanceof Deconvolution3D;
    // Some of the time steps that the layer reads may be masked.
    boolean sequence = layer instanceof Convolution1DLayer;
    uneven |= sequence && layer.getKernelSize()[0] > 1;
    Activations out = multiplication.read(part, path, prefix, in, uneven || padded(layer), false);
    return flow.activation(part, layer.getActivationFn(), out).along(axis(layer)).inSteps(sequence);
  }

  private Activations depthwise(
      String part,
      DepthwiseConvolution2D layer,
      LayerReader.Path path,
      String prefix,
      Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    Activations out = copies(part, layer, prefix, known, layer.getDepthMultiplier(), false);
    multiplication.resize(part, path, known.node(), out.node());
    return flow.activation(part, layer.getActivationFn(), out).along(axis(layer));
  }

  private Activations copies(
      String part,
      ConvolutionLayer layer,
      String prefix,
      Activations in,
      int multiplier,
      boolean separable) {
    int weights = flow.tensor(part, prefix + "W", -1, in.node());
    int bias = separable ? -1 : flow.tensor(part, prefix + "b", flow.next(), -1);
    Flow.Depthwise op = new Flow.Depthwise(weights, bias, multiplier, separable, padded(layer));
    return in.at(flow.add(part, Math.multiplyExact(flow.width(in), multiplier), op, in.node()));
  }

  private Activations separable(
      String part,
      SeparableConvolution2D layer,
      LayerReader.Path path,
      String prefix,
      Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    Activations copies = copies(part, layer, prefix, known, layer.getDepthMultiplier(), true);
    int own = flow.next();
    int weights = flow.tensor(part, prefix + "pW", own, copies.node());
    int bias = flow.tensor(part, prefix + "b", own, -1);
    int outputs = Math.toIntExact(layer.getNOut());
    flow.add(part, outputs, new Flow.Affine(weights, bias, false), copies.node());
    multiplication.resize(part, path, known.node(), own);
    return flow.activation(part, layer.getActivationFn(), known.at(own)).along(axis(layer));
  }
}
