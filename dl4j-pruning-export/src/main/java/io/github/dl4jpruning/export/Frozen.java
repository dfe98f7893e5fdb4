package io.github.dl4jpruning.export;

import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/** Unwraps frozen layers and vertices: freezing does not matter at inference. */
final class Frozen {

  private Frozen() {}

  static Object layer(Object configuration) {
    if (configuration instanceof FrozenLayer frozen) {
      return layer(frozen.getLayer());
    } else if (configuration instanceof FrozenLayerWithBackprop frozen) {
      return layer(frozen.getUnderlying());
    } else if (configuration instanceof FrozenVertex frozen) {
      return layer(frozen.getUnderlying());
    } else if (configuration instanceof LayerVertex vertex) {
      return layer(vertex.getLayerConf().getLayer());
    }
    return configuration;
  }

  static Layer unwrapped(Layer layer) {
    return (Layer) layer((Object) layer);
  }
}
