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

/** Reads layers that process each channel separately, over its positions. */
final class SpatialLayers {

  private SpatialLayers() {}

  /** Returns the operation of a layer; empty if it is not such a layer. */
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
      // Some of the time steps that the layer reads may be masked.
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
   * Returns the operation of a pooling. A sum of constants depends on their number. The gradient of
   * a p-norm is 0/0 for a zero channel, so no channel before it may be masked.
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
