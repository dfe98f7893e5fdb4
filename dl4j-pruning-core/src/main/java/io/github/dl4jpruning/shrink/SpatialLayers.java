package io.github.dl4jpruning.shrink;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;

/** Layers that treat each channel on its own, over its positions. */
final class SpatialLayers {

  private SpatialLayers() {}

  /** What a layer does to channels; empty if it is none of these. */
  static Optional<Flow.Op> of(Layer layer) {
    Class<?> type = layer.getClass();
    if (type == SubsamplingLayer.class
        || type == Subsampling1DLayer.class
        || type == Pooling1D.class
        || type == Pooling2D.class) {
      SubsamplingLayer pooling = (SubsamplingLayer) layer;
      boolean padded =
          ConvolutionReader.padded(
              pooling.getConvolutionMode(), pooling.getKernelSize(), pooling.getPadding());
      // Of the steps that it reads some may be masked.
      boolean sequence = layer instanceof Subsampling1DLayer;
      return Optional.of(pooling(pooling.getPoolingType(), padded || sequence));
    } else if (type == Subsampling3DLayer.class) {
      Subsampling3DLayer pooling = (Subsampling3DLayer) layer;
      return Optional.of(
          pooling(
              pooling.getPoolingType(),
              ConvolutionReader.padded(
                  pooling.getConvolutionMode(), pooling.getKernelSize(), pooling.getPadding())));
    } else if (type == ZeroPaddingLayer.class
        || type == ZeroPadding1DLayer.class
        || type == ZeroPadding3DLayer.class) {
      return Optional.of(new Flow.Spatial(true, false));
    } else if (type == Cropping1D.class || type == Cropping2D.class || type == Cropping3D.class) {
      return Optional.of(new Flow.Spatial(true, true));
    }
    return Optional.empty();
  }

  /**
   * What pooling does to a channel. A sum of constants depends on how many there are. The gradient
   * of a p-norm is 0/0 where a channel is zero, so with it none may be masked.
   *
   * @param padded whether zeros are read beyond the border
   */
  static Flow.Op pooling(PoolingType type, boolean padded) {
    return switch (type) {
      case MAX, AVG -> new Flow.Spatial(true, !padded);
      case SUM -> new Flow.Spatial(true, false);
      case PNORM -> new Flow.Pinned("p-norm pooling");
    };
  }
}
