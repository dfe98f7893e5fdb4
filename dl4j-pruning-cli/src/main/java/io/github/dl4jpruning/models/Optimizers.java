package io.github.dl4jpruning.models;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;

/** Gives networks another optimiser. */
public final class Optimizers {

  private Optimizers() {}

  /**
   * Returns a network with the same parameters and another optimiser in all layers that are
   * trained. Frozen layers stay as they are.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param updater the optimiser
   * @return the new network
   */
  public static Model replace(Model network, IUpdater updater) {
    if (network instanceof ComputationGraph graph) {
      ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
      for (GraphVertex vertex : configuration.getVertices().values()) {
        if (vertex instanceof LayerVertex layer) {
          set(layer.getLayerConf().getLayer(), updater);
        }
      }
      ComputationGraph changed = new ComputationGraph(configuration);
      changed.init(graph.params(), true);
      return changed;
    }
    MultiLayerNetwork layers = (MultiLayerNetwork) network;
    MultiLayerConfiguration configuration = layers.getLayerWiseConfigurations().clone();
    for (NeuralNetConfiguration layer : configuration.getConfs()) {
      set(layer.getLayer(), updater);
    }
    MultiLayerNetwork changed = new MultiLayerNetwork(configuration);
    changed.init(layers.params(), true);
    return changed;
  }

  private static void set(Layer layer, IUpdater updater) {
    if (layer instanceof BaseWrapperLayer wrapper) {
      set(wrapper.getUnderlying(), updater);
    } else if (layer instanceof Bidirectional both) {
      set(both.getFwd(), updater);
      set(both.getBwd(), updater);
    } else if (layer instanceof BaseLayer base) {
      base.setIUpdater(updater.clone());
      base.setBiasUpdater(null);
    }
  }
}
