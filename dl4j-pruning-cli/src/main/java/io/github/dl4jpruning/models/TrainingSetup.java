package io.github.dl4jpruning.models;

import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** Changes how networks are trained: their optimiser, their loss. */
public final class TrainingSetup {

  private TrainingSetup() {}

  /**
   * Returns a network with the same parameters and another optimiser in all layers that are
   * trained. Frozen layers stay as they are.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param updater the optimiser
   * @return the new network
   */
  public static Model withUpdater(Model network, IUpdater updater) {
    return changed(network, layer -> set(layer, updater));
  }

  /**
   * Returns a network whose loss takes one output for each class. Keras' sparse cross-entropy takes
   * the number of the class instead; with one-hot labels, the usual cross-entropy is the same.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @return the network itself if its loss does
   */
  public static Model withOneHotLabels(Model network) {
    boolean[] found = new boolean[1];
    Model changed = changed(network, layer -> found[0] |= isMadeDense(layer));
    return found[0] ? changed : network;
  }

  private static boolean isMadeDense(Layer layer) {
    if (layer instanceof BaseOutputLayer output && output.getLossFn() instanceof LossSparseMCXENT) {
      output.setLossFn(new LossMCXENT());
      return true;
    } else if (layer instanceof LossLayer loss && loss.getLossFn() instanceof LossSparseMCXENT) {
      loss.setLossFn(new LossMCXENT());
      return true;
    } else if (layer instanceof RnnLossLayer steps
        && steps.getLossFn() instanceof LossSparseMCXENT) {
      steps.setLossFn(new LossMCXENT());
      return true;
    }
    return false;
  }

  private static Model changed(Model network, Consumer<Layer> change) {
    if (network instanceof ComputationGraph graph) {
      ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
      for (GraphVertex vertex : configuration.getVertices().values()) {
        if (vertex instanceof LayerVertex layer) {
          change.accept(layer.getLayerConf().getLayer());
        }
      }
      ComputationGraph changed = new ComputationGraph(configuration);
      changed.init(graph.params(), true);
      return changed;
    }
    MultiLayerNetwork layers = (MultiLayerNetwork) network;
    MultiLayerConfiguration configuration = layers.getLayerWiseConfigurations().clone();
    for (NeuralNetConfiguration layer : configuration.getConfs()) {
      change.accept(layer.getLayer());
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
