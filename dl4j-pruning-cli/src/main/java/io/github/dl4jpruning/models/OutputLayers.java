package io.github.dl4jpruning.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/**
 * Gives a loss to networks that end without one. DL4J's importer leaves the last layer of a Keras
 * model as a dense layer if the file has no training configuration, and DL4J cannot train such a
 * network.
 */
final class OutputLayers {

  private final Optional<ILossFunction> given;
  private final List<String> notes;

  private OutputLayers(Optional<ILossFunction> given, List<String> notes) {
    this.given = given;
    this.notes = notes;
  }

  /**
   * Returns the network itself if it can be trained, or one with the same parameters that can.
   *
   * @param notes receives what was changed, or why the network cannot be trained
   */
  static Model complete(Model network, Optional<ILossFunction> loss, List<String> notes) {
    OutputLayers layers = new OutputLayers(loss, notes);
    return network instanceof ComputationGraph graph
        ? layers.graph(graph)
        : layers.layers((MultiLayerNetwork) network);
  }

  private Model layers(MultiLayerNetwork network) {
    if (network.getOutputLayer() instanceof IOutputLayer) {
      return network;
    }
    MultiLayerConfiguration configuration = network.getLayerWiseConfigurations().clone();
    List<NeuralNetConfiguration> all = new ArrayList<>(configuration.getConfs());
    int last = all.size() - 1;
    NeuralNetConfiguration end = all.get(last);
    Layer layer = end.getLayer();
    Optional<RNNFormat> sequence = steps(configuration.getInputPreProcess(last));
    Optional<Layer> replaced = replaced(layer, sequence);
    Optional<Layer> behind = replaced.isPresent() ? Optional.empty() : lossBehind(layer);
    if (replaced.isPresent()) {
      NeuralNetConfiguration copy = end.clone();
      copy.setLayer(replaced.get());
      all.set(last, copy);
      if (sequence.isPresent()) {
        configuration.getInputPreProcessors().remove(last);
      }
    } else if (behind.isPresent()) {
      NeuralNetConfiguration copy = end.clone();
      copy.setLayer(named(behind.get(), layer.getLayerName() + "_loss"));
      all.add(copy);
    } else {
      return refused(network, layer);
    }
    configuration.setConfs(all);
    MultiLayerNetwork complete = new MultiLayerNetwork(configuration);
    complete.init(network.params(), true);
    return complete;
  }

  private Model graph(ComputationGraph network) {
    ComputationGraphConfiguration configuration = network.getConfiguration().clone();
    List<String> open =
        configuration.getNetworkOutputs().stream()
            .filter(output -> !(network.getLayer(output) instanceof IOutputLayer))
            .toList();
    if (open.isEmpty()) {
      return network;
    }
    for (String output : open) {
      if (!(configuration.getVertices().get(output) instanceof LayerVertex vertex)) {
        notes.add("output " + output + " is not a layer, so the network cannot be trained");
        return network;
      }
      Layer layer = vertex.getLayerConf().getLayer();
      Optional<RNNFormat> sequence = steps(vertex.getPreProcessor());
      Optional<Layer> replaced = replaced(layer, sequence);
      if (replaced.isEmpty()) {
        return refused(network, layer);
      }
      vertex.getLayerConf().setLayer(replaced.get());
      if (sequence.isPresent()) {
        vertex.setPreProcessor(null);
      }
    }
    ComputationGraph complete = new ComputationGraph(configuration);
    complete.init(network.params(), true);
    return complete;
  }

  private Model refused(Model network, Layer layer) {
    notes.add(
        "layer "
            + layer.getLayerName()
            + " ("
            + layer.getClass().getSimpleName()
            + ") ends the network and has no loss, so the network cannot be trained");
    return network;
  }

  /** Returns a layer with a loss that has the same parameters and outputs. */
  private Optional<Layer> replaced(Layer layer, Optional<RNNFormat> sequence) {
    if (layer instanceof DenseLayer dense && !dense.hasLayerNorm()) {
      return Optional.of(sequence.isPresent() ? steps(dense, sequence.get()) : output(dense));
    } else if (layer instanceof ActivationLayer activation) {
      IActivation function = activation.getActivationFn();
      return Optional.of(
          named(
              new LossLayer.Builder(loss(layer, function)).activation(function).build(),
              layer.getLayerName()));
    }
    return Optional.empty();
  }

  /** Returns a loss that can follow a layer without a dense layer between them. */
  private Optional<Layer> lossBehind(Layer layer) {
    IActivation none = new ActivationIdentity();
    if (layer instanceof BaseRecurrentLayer || layer instanceof Bidirectional) {
      return Optional.of(new RnnLossLayer.Builder(loss(layer, none)).activation(none).build());
    } else if (layer instanceof LastTimeStep) {
      return Optional.of(new LossLayer.Builder(loss(layer, none)).activation(none).build());
    } else if (layer instanceof ConvolutionLayer) {
      return Optional.of(new CnnLossLayer.Builder(loss(layer, none)).activation(none).build());
    }
    return Optional.empty();
  }

  private Layer output(DenseLayer dense) {
    OutputLayer.Builder builder =
        new OutputLayer.Builder(loss(dense, dense.getActivationFn()))
            .nIn(dense.getNIn())
            .nOut(dense.getNOut())
            .hasBias(dense.hasBias())
            .activation(dense.getActivationFn());
    return like(dense, builder.build());
  }

  /** Returns the format of a sequence whose steps a layer reads one by one. */
  private static Optional<RNNFormat> steps(@Nullable InputPreProcessor preProcessor) {
    return preProcessor instanceof RnnToFeedForwardPreProcessor sequence
        ? Optional.of(sequence.getRnnDataFormat())
        : Optional.empty();
  }

  private Layer steps(DenseLayer dense, RNNFormat format) {
    RnnOutputLayer.Builder builder =
        new RnnOutputLayer.Builder(loss(dense, dense.getActivationFn()))
            .dataFormat(format)
            .nIn(dense.getNIn())
            .nOut(dense.getNOut())
            .hasBias(dense.hasBias())
            .activation(dense.getActivationFn());
    return like(dense, builder.build());
  }

  /** Copies what training needs to know. */
  private static Layer like(
      DenseLayer dense, org.deeplearning4j.nn.conf.layers.BaseOutputLayer output) {
    output.setIUpdater(dense.getIUpdater());
    output.setBiasUpdater(dense.getBiasUpdater());
    output.setWeightInitFn(dense.getWeightInitFn());
    output.setBiasInit(dense.getBiasInit());
    output.setRegularization(dense.getRegularization());
    output.setRegularizationBias(dense.getRegularizationBias());
    output.setGradientNormalization(dense.getGradientNormalization());
    output.setGradientNormalizationThreshold(dense.getGradientNormalizationThreshold());
    output.setConstraints(dense.getConstraints());
    output.setIDropout(dense.getIDropout());
    return named(output, dense.getLayerName());
  }

  private static Layer named(Layer layer, String name) {
    layer.setLayerName(name);
    return layer;
  }

  private static final Map<Class<? extends IActivation>, ILossFunction> FITTING =
      Map.of(
          ActivationSoftmax.class, new LossMCXENT(), ActivationSigmoid.class, new LossBinaryXENT());

  private ILossFunction loss(Layer layer, IActivation activation) {
    ILossFunction loss =
        given.orElseGet(() -> FITTING.getOrDefault(activation.getClass(), new LossMSE()));
    notes.add(
        String.format(
            Locale.ROOT,
            "layer %s had no loss; it has %s now, for the activation %s",
            layer.getLayerName(),
            loss.getClass().getSimpleName(),
            activation));
    return loss;
  }
}
