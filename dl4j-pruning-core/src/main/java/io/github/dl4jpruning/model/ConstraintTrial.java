package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.constraint.BaseConstraint;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the constraints of a layer to arrays with zeros, to see whether the zeros are kept. A
 * list of known constraints would not be enough, since users can write their own.
 */
final class ConstraintTrial {

  private static final Logger log = LoggerFactory.getLogger(ConstraintTrial.class);

  /** Of a larger tensor, only a corner is tried. */
  private static final int LARGEST = 1 << 20;

  private static final int CORNER = 8;

  /** Small and large weights, so that norms are both below and above their limits. */
  private static final double[] SCALES = {0.01, 10.0};

  private final Network.Part part;
  private final DataType type;

  ConstraintTrial(Network.Part part, DataType type) {
    this.part = part;
    this.type = type;
  }

  /**
   * Tries all constraints of the layer and of the layers inside it.
   *
   * @param selected the parameters of the layer that will be pruned
   * @throws IllegalArgumentException if a constraint does not keep zeros
   */
  void check(List<PrunableParameter> selected) {
    for (org.deeplearning4j.nn.conf.layers.Layer layer :
        ParameterKinds.Owner.chain(part.configuration())) {
      List<LayerConstraint> constraints = layer.getConstraints();
      if (constraints != null) {
        for (LayerConstraint constraint : constraints) {
          selected.forEach(parameter -> check(constraint, parameter));
        }
      }
    }
  }

  private void check(LayerConstraint constraint, PrunableParameter parameter) {
    String key = ParameterKinds.Owner.of(part.configuration(), parameter.key()).key();
    if (constraint.getParams() != null && !constraint.getParams().contains(key)) {
      return;
    }
    long[] shape = shape(parameter);
    for (int pattern = -1; pattern < shape.length; pattern++) {
      for (double scale : SCALES) {
        double[] before = values(shape, pattern, scale);
        double[] after;
        try {
          after = applied(constraint, key, shape, before);
        } catch (RuntimeException e) { // the proxy is not a full layer
          log.warn(
              "The constraint {} of layer {} could not be tried on zeros ({}); if it writes to"
                  + " removed weights, that is found at the end of an epoch.",
              constraint.getClass().getSimpleName(),
              part.name(),
              e.toString());
          return;
        }
        for (int i = 0; i < before.length; i++) {
          if (before[i] == 0.0 && after[i] != 0.0) { // true for NaN as well
            throw refused(constraint, parameter, after[i]);
          }
        }
      }
    }
  }

  private IllegalArgumentException refused(
      LayerConstraint constraint, PrunableParameter parameter, double value) {
    return new IllegalArgumentException(
        "layer "
            + part.name()
            + ": expected constraints that keep zeros (as MaxNorm, MinMaxNorm and NonNegative do),"
            + " but found "
            + constraint.getClass().getSimpleName()
            + ", which writes "
            + value
            + " to a removed weight of "
            + parameter.name());
  }

  private double[] applied(LayerConstraint constraint, String key, long[] shape, double[] values) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray array = Nd4j.createFromArray(values).castTo(type).reshape('c', shape).dup('c');
      if (constraint instanceof BaseConstraint base) {
        base.apply(array);
      } else {
        constraint.applyConstraint(layerOf(key, array), 0, 0);
      }
      return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }
  }

  /**
   * Returns a layer with one parameter; everything else that a constraint may ask for is missing.
   */
  private Layer layerOf(String key, INDArray array) {
    return (Layer)
        Proxy.newProxyInstance(
            Layer.class.getClassLoader(),
            new Class<?>[] {Layer.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "paramTable" -> Map.of(key, array);
                  case "getParam" -> key.equals(arguments[0]) ? array : null;
                  case "conf" -> ((Layer) part.trainable()).conf();
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static long[] shape(PrunableParameter parameter) {
    long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
    return parameter.length() <= LARGEST
        ? shape
        : Arrays.stream(shape).map(size -> Math.min(size, CORNER)).toArray();
  }

  /** Makes values with zeros in random places, or in the first slice of an axis (a whole unit). */
  private static double[] values(long[] shape, int axis, double scale) {
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    long inner = 1;
    for (int a = shape.length - 1; a > axis && axis >= 0; a--) {
      inner *= shape[a];
    }
    Random random = new Random(length);
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      double value = (0.1 + random.nextDouble()) * scale * (random.nextBoolean() ? 1 : -1);
      boolean zero = axis < 0 ? random.nextBoolean() : i / inner % shape[axis] == 0;
      values[i] = zero ? 0.0 : value;
    }
    return values;
  }
}
