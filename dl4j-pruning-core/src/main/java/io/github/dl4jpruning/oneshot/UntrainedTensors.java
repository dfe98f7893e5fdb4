package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.activations.Calibration;
import io.github.dl4jpruning.activations.LinearLayer;
import io.github.dl4jpruning.activations.LinearLayers;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.model.GradientSquares;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.reconstruct.SecondMoments;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a criterion sees of a network that is not trained: gradients and inputs are those of the
 * calibration data. All of it is computed when the criterion asks for it.
 */
final class UntrainedTensors {

  /** What does not need steps of training. */
  static final Set<Memory> KNOWN = Set.of(Memory.SQUARED_GRADIENTS, Memory.SQUARED_INPUTS);

  private final ImportanceCriterion criterion;
  private final NetworkParameters network;
  private final TrainingData data;
  private final Calibration calibration;
  private final Map<PrunableParameter, double[]> squaredGradients = new LinkedHashMap<>();

  /** By layer. */
  private final Map<String, double[]> squaredInputs = new HashMap<>();

  /** Whether the gradient is that of the first batch. */
  private boolean hasGradient;

  UntrainedTensors(
      ImportanceCriterion criterion,
      NetworkParameters network,
      TrainingData data,
      Calibration calibration) {
    this.criterion = criterion;
    this.network = network;
    this.data = data;
    this.calibration = calibration;
  }

  WeightTensor of(PrunableParameter parameter) {
    return new WeightTensor(
        parameter,
        0,
        () -> network.finiteValues(parameter),
        () -> gradients(parameter),
        memory ->
            switch (memory) {
              case SQUARED_GRADIENTS -> squaredGradients(parameter);
              case SQUARED_INPUTS -> squaredInputs(parameter);
              case INITIAL_WEIGHTS, MOVEMENT ->
                  throw new IllegalStateException("the criterion needs iterations of training");
            });
  }

  private double[] gradients(PrunableParameter parameter) {
    if (!hasGradient) {
      withLabels(() -> data.gradientOfFirstBatch(network.model()));
      hasGradient = true;
    }
    return network.finiteGradients(parameter);
  }

  /** Returns the mean over the batches. */
  private double[] squaredGradients(PrunableParameter parameter) {
    if (squaredGradients.isEmpty()) {
      GradientSquares squares = new GradientSquares(network);
      network.parameters().forEach(p -> squaredGradients.put(p, new double[p.length()]));
      int[] batches = new int[1];
      withLabels(
          () ->
              data.forEachGradient(
                  network.model(),
                  () -> {
                    squaredGradients.forEach(squares::add);
                    batches[0]++;
                  }));
      for (double[] sums : squaredGradients.values()) {
        for (int i = 0; i < sums.length; i++) {
          sums[i] /= batches[0];
        }
      }
      hasGradient = false;
    }
    return Objects.requireNonNull(squaredGradients.get(parameter)).clone();
  }

  private void withLabels(Runnable pass) {
    try {
      pass.run();
    } catch (RuntimeException e) { // without labels layers throw various exceptions
      throw new IllegalArgumentException(
          "criterion ("
              + criterion
              + ") needs a gradient, so calibration must have labels, but: "
              + e.getMessage(),
          e);
    }
  }

  private double[] squaredInputs(PrunableParameter parameter) {
    LinearLayer layer =
        LinearLayers.of(network, parameter.layer())
            .filter(linear -> linear.has(parameter))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "criterion ("
                            + criterion
                            + ") needs the inputs of "
                            + parameter.name()
                            + ", but those of a "
                            + parameter.layerType()
                            + " cannot be read; leave it out by the parameter filter"));
    double[] columns =
        squaredInputs.computeIfAbsent(
            layer.name(),
            name -> {
              SecondMoments moments = calibration.moments(network, layer);
              return moments.raw();
            });
    return layer.spread(parameter, columns);
  }
}
