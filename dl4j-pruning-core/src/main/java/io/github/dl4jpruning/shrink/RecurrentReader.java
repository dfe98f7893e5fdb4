package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.model.ElementwiseActivation;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.shrink.FlowBuilder.Activations;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.nd4j.linalg.activations.IActivation;

/** Reads recurrent layers into a {@link Flow}. */
@SuppressWarnings("deprecation") // DL4J and existing networks still have these layers
final class RecurrentReader {

  private static final int LSTM_GATES = 4;

  private final FlowBuilder flow;
  private final Multiplication multiplication;

  RecurrentReader(FlowBuilder flow) {
    this.flow = flow;
    this.multiplication = new Multiplication(flow);
  }

  Activations read(
      String part, BaseRecurrentLayer layer, LayerReader.Path path, String prefix, Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    Activations out = direction(part, layer, prefix + "W", prefix + "RW", prefix + "b", known);
    multiplication.resize(part, path, known.node(), out.node());
    if (layer instanceof SimpleRnn simple && simple.hasLayerNorm()) {
      out = flow.step(part, new Flow.Pinned("layer normalisation"), out);
    }
    return out;
  }

  Activations bothDirections(
      String part, BaseRecurrentLayer layer, LayerReader.Path path, String prefix, Activations in) {
    Activations known = flow.expect(part, in, Math.toIntExact(layer.getNIn()));
    Activations there = direction(part, layer, prefix + "WF", prefix + "RWF", prefix + "bF", known);
    Activations back = direction(part, layer, prefix + "WB", prefix + "RWB", prefix + "bB", known);
    multiplication.resize(part, path, known.node(), there.node());
    return there.at(
        flow.add(
            part,
            flow.width(there),
            new Flow.Combine(Flow.Combination.ADD),
            there.node(),
            back.node()));
  }

  private Activations direction(
      String part,
      BaseRecurrentLayer layer,
      String weightKey,
      String recurrentKey,
      String biasKey,
      Activations in) {
    int own = flow.next();
    int units = Math.toIntExact(layer.getNOut());
    int gates = layer instanceof SimpleRnn ? 1 : LSTM_GATES;
    int weights = flow.tensor(part, weightKey, own, in.node());
    int recurrent = flow.tensor(part, recurrentKey, own, own);
    PrunableParameter bias = flow.parameter(part, biasKey).orElseThrow();
    int biasTensor = flow.tensor(bias, Layouts.gates(gates, units), own, -1);
    // With layer normalisation the bias is not added directly to the product.
    boolean normalised = layer instanceof SimpleRnn simple && simple.hasLayerNorm();
    Optional<DoubleUnaryOperator> activation = ElementwiseActivation.of(layer.getActivationFn());
    // NaN means that units are not constant, because the function is not known.
    flow.add(
        part,
        units,
        new Flow.Recurrent(
            weights,
            recurrent,
            normalised ? -1 : biasTensor,
            gates,
            activation.orElse(x -> Double.NaN)),
        in.node());
    boolean alone = activation.isPresent() && ElementwiseActivation.of(gate(layer)).isPresent();
    Activations out =
        in.at(own).along(layer.getRnnDataFormat() == RNNFormat.NWC ? 2 : 1).inSteps(true);
    return alone
        ? out
        : out.at(flow.add(part, units, new Flow.Pinned("an activation over all units"), own));
  }

  private static IActivation gate(BaseRecurrentLayer layer) {
    if (layer instanceof LSTM lstm) {
      return lstm.getGateActivationFn();
    } else if (layer instanceof GravesLSTM lstm) {
      return lstm.getGateActivationFn();
    } else if (layer instanceof GravesBidirectionalLSTM lstm) {
      return lstm.getGateActivationFn();
    }
    return layer.getActivationFn();
  }
}
