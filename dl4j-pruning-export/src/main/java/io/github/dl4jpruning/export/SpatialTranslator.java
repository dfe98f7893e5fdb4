package io.github.dl4jpruning.export;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;

/** Translates layers without weights that work on positions: pooling, borders, repetition. */
final class SpatialTranslator {

  private final PlanBuilder plan;

  SpatialTranslator(PlanBuilder plan) {
    this.plan = plan;
  }

  Flowing read(Layer layer, Flowing in) {
    Class<?> type = layer.getClass();
    if (type == SubsamplingLayer.class || type == Pooling2D.class) {
      return onPlanes(pooling((SubsamplingLayer) layer), in);
    } else if (type == Subsampling1DLayer.class || type == Pooling1D.class) {
      return alongSteps(alongSteps((Subsampling1DLayer) layer), in);
    } else if (type == Subsampling3DLayer.class) {
      return onPlanes(pooling((Subsampling3DLayer) layer), in);
    } else if (type == ZeroPaddingLayer.class) {
      return onPlanes(border(((ZeroPaddingLayer) layer).getPadding(), 1), in);
    } else if (type == ZeroPadding1DLayer.class) {
      return alongSteps(border(((ZeroPadding1DLayer) layer).getPadding(), 1), in);
    } else if (type == ZeroPadding3DLayer.class) {
      return onPlanes(border(((ZeroPadding3DLayer) layer).getPadding(), 1), in);
    } else if (type == Cropping2D.class) {
      return onPlanes(border(((Cropping2D) layer).getCropping(), -1), in);
    } else if (type == Cropping1D.class) {
      return alongSteps(border(((Cropping1D) layer).getCropping(), -1), in);
    } else if (type == Cropping3D.class) {
      return onPlanes(border(((Cropping3D) layer).getCropping(), -1), in);
    } else if (type == Upsampling1D.class) {
      return alongSteps(upsampling(((Upsampling1D) layer).getSize()[0]), in);
    } else if (type == Upsampling2D.class) {
      return onPlanes(upsampling(((Upsampling2D) layer).getSize()), in);
    } else if (type == Upsampling3D.class) {
      return onPlanes(upsampling(((Upsampling3D) layer).getSize()), in);
    } else if (type == LocalResponseNormalization.class) {
      LocalResponseNormalization norm = (LocalResponseNormalization) layer;
      return onPlanes(
          new Operation.ResponseNormalisation(
              (float) norm.getK(),
              (float) norm.getN(),
              (float) norm.getAlpha(),
              (float) norm.getBeta()),
          in);
    }
    throw plan.unsupported("a " + type.getSimpleName());
  }

  private Flowing onPlanes(Operation operation, Flowing in) {
    if (!in.planes()) {
      throw plan.unsupported("a layer for images that reads vectors");
    }
    return plan.add(operation, in);
  }

  private Flowing alongSteps(Operation operation, Flowing in) {
    Flowing planes = plan.add(new Operation.StepsToWidth(), in);
    Flowing done = plan.add(operation, planes);
    return plan.add(new Operation.WidthToSteps(), done).asVectors(true);
  }

  private static Operation pooling(SubsamplingLayer layer) {
    Window window =
        Window.of(
            layer.getKernelSize(),
            layer.getStride(),
            layer.getDilation(),
            layer.getPadding(),
            ConvolutionTranslator.mode(layer.getConvolutionMode()));
    return new Operation.Pooling(pool(layer), layer.getPnorm(), window);
  }

  private static Operation.Pool pool(SubsamplingLayer layer) {
    Operation.Pool pool = LayerTranslator.pool(layer.getPoolingType());
    return pool == Operation.Pool.AVERAGE && layer.isAvgPoolIncludePadInDivisor()
        ? Operation.Pool.AVERAGE_WITH_ZEROS
        : pool;
  }

  private static Operation alongSteps(Subsampling1DLayer layer) {
    Window window =
        Window.of(
            Window.first(layer.getKernelSize()),
            Window.first(layer.getStride()),
            Window.first(layer.getDilation()),
            Window.first(layer.getPadding()),
            ConvolutionTranslator.mode(layer.getConvolutionMode()));
    return new Operation.Pooling(pool(layer), layer.getPnorm(), window);
  }

  private static Operation pooling(Subsampling3DLayer layer) {
    Window window =
        Window.of(
            layer.getKernelSize(),
            layer.getStride(),
            layer.getDilation(),
            layer.getPadding(),
            ConvolutionTranslator.mode(layer.getConvolutionMode()));
    return new Operation.Pooling(LayerTranslator.pool(layer.getPoolingType()), 0f, window);
  }

  /** Creates a border from the sizes in front and at the end of the last axes. */
  private static Operation border(int[] sizes, int sign) {
    Integer[] all = {0, 0, 0, 0, 0, 0};
    for (int i = 0; i < sizes.length; i++) {
      all[6 - sizes.length + i] = sign * sizes[i];
    }
    return new Operation.Border(Arrays.asList(all));
  }

  private static Operation upsampling(int... sizes) {
    return new Operation.Upsample(Window.axes(sizes));
  }
}
