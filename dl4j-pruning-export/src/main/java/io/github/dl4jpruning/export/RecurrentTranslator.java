package io.github.dl4jpruning.export;

import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Reads recurrent layers into steps. */
@SuppressWarnings("deprecation") // DL4J still has these layers, and so have networks
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
    if (in.planes()) {
      throw plan.unsupported("a recurrent layer that reads planes");
    }
    Flowing out;
    if (layer instanceof Bidirectional both) {
      out = bothDirections(both, prefix, in);
    } else if (layer instanceof GravesBidirectionalLSTM graves) {
      out = bothDirections(graves, prefix, in);
    } else if (layer instanceof SimpleRnn simple) {
      out = simple(simple, prefix, in);
    } else {
      BaseRecurrentLayer lstm = (BaseRecurrentLayer) layer;
      out = lstm(lstm, prefix + "W", prefix + "RW", prefix + "b", in);
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

  private Flowing lstm(
      BaseRecurrentLayer layer, String weights, String recurrent, String bias, Flowing in) {
    INDArray own = plan.parameter(recurrent);
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
            plan.transposed(weights),
            new Matrix(GATES * units, units, PlanBuilder.values(gates.transpose())),
            Matrix.vector(plan.values(bias)),
            peepholes,
            Activations.of(layer.getActivationFn(), plan.layer()),
            Activations.of(gate(layer), plan.layer()));
    return plan.add(operation, in).withChannelsLast(isLast(layer, in));
  }

  private static boolean isLast(BaseRecurrentLayer layer, Flowing in) {
    return layer.getRnnDataFormat() == null
        ? in.channelsLast()
        : layer.getRnnDataFormat() == RNNFormat.NWC;
  }

  private Flowing simple(SimpleRnn layer, String prefix, Flowing in) {
    if (layer.hasLayerNorm()) { // DL4J itself fails when it runs one
      throw plan.unsupported("a SimpleRnn with layer normalisation");
    }
    Operation operation =
        new Operation.SimpleRecurrent(
            plan.transposed(prefix + "W"),
            plan.transposed(prefix + "RW"),
            Matrix.vector(plan.values(prefix + "b")),
            Activations.of(layer.getActivationFn(), plan.layer()));
    return plan.add(operation, in).withChannelsLast(isLast(layer, in));
  }

  private Flowing reversed(Flowing in) {
    return plan.add(new Operation.ReverseSteps(), in);
  }

  private Flowing bothDirections(GravesBidirectionalLSTM layer, String prefix, Flowing in) {
    Flowing there = lstm(layer, prefix + "WF", prefix + "RWF", prefix + "bF", in);
    Flowing back =
        reversed(lstm(layer, prefix + "WB", prefix + "RWB", prefix + "bB", reversed(in)));
    return plan.join(
        new Operation.Combine(Operation.Combination.ADD, Activation.IDENTITY), there, back);
  }

  private Flowing bothDirections(Bidirectional both, String prefix, Flowing in) {
    Flowing there = layers.read(both.getFwd(), prefix + "f", in);
    Flowing back = reversed(layers.read(both.getBwd(), prefix + "b", reversed(in)));
    Operation how =
        switch (both.getMode()) {
          case CONCAT -> new Operation.Concatenate();
          case ADD -> combined(Operation.Combination.ADD);
          case MUL -> combined(Operation.Combination.PRODUCT);
          case AVERAGE -> combined(Operation.Combination.AVERAGE);
        };
    return plan.join(how, there, back);
  }

  private static Operation combined(Operation.Combination how) {
    return new Operation.Combine(how, Activation.IDENTITY);
  }
}
