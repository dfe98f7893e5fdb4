package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Translates recurrent layers into steps. */
@SuppressWarnings("deprecation") // DL4J and existing networks still have these layers
final class RecurrentTranslator {

  private static final int GATES = 4;

  private final PlanBuilder plan;
  private final LayerTranslator layers;

  RecurrentTranslator(PlanBuilder plan, LayerTranslator layers) {
    this.plan = plan;
    this.layers = layers;
  }

  boolean knows(Layer layer) {
    Class<?> type = layer.getClass();
    return type == LSTM.class
        || type == GravesLSTM.class
        || type == SimpleRnn.class
        || type == GravesBidirectionalLSTM.class
        || type == Bidirectional.class;
  }

  Flowing read(Layer layer, String prefix, Flowing in) {
    return read(layer, prefix, in, Optional.empty());
  }

  /**
   * Translates a layer for which DL4J creates a mask from its input.
   *
   * <p>The mask of a {@code MaskZeroLayer} is 0 if all channels of a step have one given value.
   * DL4J multiplies output and state by the mask, and a last time step is the last one that is not
   * masked.
   */
  Flowing readMasked(MaskZeroLayer layer, String prefix, Flowing in) {
    Layer inner = Frozen.unwrapped(layer.getUnderlying());
    float masked = (float) layer.getMaskingValue();
    if (in.channelsLast() && !(inner instanceof BaseRecurrentLayer)) {
      // DL4J then checks the steps of one channel instead of the channels of one step.
      throw plan.unsupported("a MaskZeroLayer with channels last around several layers");
    } else if (inner instanceof LastTimeStep last) {
      return lastOf(new MaskZeroLayer(last.getUnderlying(), masked), prefix, in);
    } else if (!knows(inner)) {
      throw plan.unsupported("a MaskZeroLayer around a " + inner.getClass().getSimpleName());
    }
    return read(inner, prefix, in, Optional.of(masked));
  }

  /** Translates to the last output step of a layer, or to the last one that is not masked. */
  Flowing lastOf(Layer wrapped, String prefix, Flowing in) {
    Layer layer = Frozen.unwrapped(wrapped);
    Flowing steps = layers.read(layer, prefix, in);
    Flowing last =
        maskedValue(layer)
            .map(value -> plan.join(new Operation.LastUnmaskedStep(value), steps, in))
            .orElseGet(() -> plan.add(new Operation.LastStep(), steps));
    return last.asVectors(false).withFolded(false);
  }

  /** The mask that DL4J asks a layer for: that of its forward direction, if it has two. */
  private static Optional<Float> maskedValue(Layer wrapped) {
    Layer layer = Frozen.unwrapped(wrapped);
    if (layer instanceof MaskZeroLayer masked) {
      return Optional.of((float) masked.getMaskingValue());
    }
    return layer instanceof Bidirectional both ? maskedValue(both.getFwd()) : Optional.empty();
  }

  private Flowing read(Layer layer, String prefix, Flowing in, Optional<Float> masked) {
    if (in.planes()) {
      throw plan.unsupported("a recurrent layer that reads planes");
    }
    Flowing out;
    if (layer instanceof Bidirectional both) {
      out = bothDirections(both, prefix, in, masked);
    } else if (layer instanceof GravesBidirectionalLSTM graves) {
      out = bothDirections(graves, prefix, in, masked);
    } else if (layer instanceof SimpleRnn simple) {
      out = simple(simple, prefix, in, masked);
    } else {
      BaseRecurrentLayer lstm = (BaseRecurrentLayer) layer;
      out = lstm(lstm, List.of("W", "RW", "b"), prefix, in, masked);
    }
    return out.asVectors(true);
  }

  private static IActivation gate(BaseRecurrentLayer layer) {
    if (layer instanceof LSTM lstm) {
      return lstm.getGateActivationFn();
    } else if (layer instanceof GravesLSTM lstm) {
      return lstm.getGateActivationFn();
    }
    return ((GravesBidirectionalLSTM) layer).getGateActivationFn();
  }

  /** Translates one direction of an LSTM, given the keys of W, R and b. */
  private Flowing lstm(
      BaseRecurrentLayer layer,
      List<String> keys,
      String prefix,
      Flowing in,
      Optional<Float> masked) {
    INDArray own = plan.parameter(prefix + keys.get(1));
    int units = Math.toIntExact(own.size(0));
    INDArray gates = own.get(NDArrayIndex.all(), NDArrayIndex.interval(0, GATES * (long) units));
    Matrix peepholes = Matrix.NONE;
    if (own.size(1) > GATES * (long) units) {
      INDArray behind =
          own.get(
              NDArrayIndex.all(),
              NDArrayIndex.interval(GATES * (long) units, GATES * (long) units + 3));
      peepholes = Matrix.vector(PlanBuilder.values(behind.transpose()));
    }
    Operation operation =
        new Operation.Lstm(
            plan.transposed(prefix + keys.get(0)),
            new Matrix(GATES * units, units, PlanBuilder.values(gates.transpose())),
            Matrix.vector(plan.values(prefix + keys.get(2))),
            peepholes,
            Activations.of(layer.getActivationFn(), plan.layer()),
            Activations.of(gate(layer), plan.layer()),
            masked);
    return plan.add(operation, in).withChannelsLast(isLast(layer, in));
  }

  private static boolean isLast(BaseRecurrentLayer layer, Flowing in) {
    return layer.getRnnDataFormat() == null
        ? in.channelsLast()
        : layer.getRnnDataFormat() == RNNFormat.NWC;
  }

  private Flowing simple(SimpleRnn layer, String prefix, Flowing in, Optional<Float> masked) {
    if (layer.hasLayerNorm()) { // DL4J itself fails to run it
      throw plan.unsupported("a SimpleRnn with layer normalisation");
    }
    Operation operation =
        new Operation.SimpleRecurrent(
            plan.transposed(prefix + "W"),
            plan.transposed(prefix + "RW"),
            Matrix.vector(plan.values(prefix + "b")),
            Activations.of(layer.getActivationFn(), plan.layer()),
            masked);
    return plan.add(operation, in).withChannelsLast(isLast(layer, in));
  }

  private Flowing reversed(Flowing in) {
    return plan.add(new Operation.ReverseSteps(), in);
  }

  private Flowing bothDirections(
      GravesBidirectionalLSTM layer, String prefix, Flowing in, Optional<Float> masked) {
    Flowing there = lstm(layer, List.of("WF", "RWF", "bF"), prefix, in, masked);
    Flowing back = reversed(lstm(layer, List.of("WB", "RWB", "bB"), prefix, reversed(in), masked));
    return plan.join(
        new Operation.Combine(Operation.Combination.ADD, Activation.IDENTITY), there, back);
  }

  private Flowing bothDirections(
      Bidirectional both, String prefix, Flowing in, Optional<Float> masked) {
    boolean masks =
        maskedValue(both.getFwd()).isPresent() || maskedValue(both.getBwd()).isPresent();
    if (masks && in.channelsLast()) {
      throw plan.unsupported("a MaskZeroLayer with channels last in a Bidirectional layer");
    }
    Flowing there = direction(both.getFwd(), prefix + "f", in, masked);
    Flowing back = reversed(direction(both.getBwd(), prefix + "b", reversed(in), masked));
    Operation how =
        switch (both.getMode()) {
          case CONCAT -> new Operation.Concatenate();
          case ADD -> combined(Operation.Combination.ADD);
          case MUL -> combined(Operation.Combination.PRODUCT);
          case AVERAGE -> combined(Operation.Combination.AVERAGE);
        };
    return plan.join(how, there, back);
  }

  private Flowing direction(Layer layer, String prefix, Flowing in, Optional<Float> masked) {
    return masked.isPresent()
        ? readMasked(new MaskZeroLayer(layer, masked.get()), prefix, in)
        : layers.read(layer, prefix, in);
  }

  private static Operation combined(Operation.Combination how) {
    return new Operation.Combine(how, Activation.IDENTITY);
  }
}
