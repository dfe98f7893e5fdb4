package io.github.dl4jpruning.model;

import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AMSGradUpdater;
import org.nd4j.linalg.learning.AdaDeltaUpdater;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NadamUpdater;
import org.nd4j.linalg.learning.RmsPropUpdater;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.RmsProp;

/**
 * Exponential means of squared gradients: those that updaters keep anyway, and those that are kept
 * beside them. A gradient is that of the mean loss of a batch, as an updater gets it; without
 * clipping and regularisation where it is kept beside the updater.
 */
public final class GradientSquares {

  /** That of Adam by default. */
  private static final double DECAY = 0.999;

  private final NetworkParameters network;

  /**
   * Reads those of a network.
   *
   * @param network the network
   */
  public GradientSquares(NetworkParameters network) {
    this.network = network;
  }

  /** A mean that an updater keeps, for a range of parameters. */
  private record Kept(long from, long to, INDArray mean, double decay) {}

  private List<Kept> kept() {
    List<Kept> kept = new ArrayList<>();
    BaseMultiLayerUpdater<?> updater = network.network().updater();
    if (updater != null) {
      for (UpdaterBlock block : updater.getUpdaterBlocks()) {
        mean(block).ifPresent(kept::add);
      }
    }
    return kept;
  }

  private static Optional<Kept> mean(UpdaterBlock block) {
    GradientUpdater<?> own = block.getGradientUpdater();
    if (own instanceof AdamUpdater && own.getConfig() instanceof Adam adam) {
      return kept(block, AdamUpdater.V_STATE, adam.getBeta2());
    } else if (own instanceof AMSGradUpdater && own.getConfig() instanceof AMSGrad amsGrad) {
      return kept(block, AMSGradUpdater.V_STATE, amsGrad.getBeta2());
    } else if (own instanceof NadamUpdater && own.getConfig() instanceof Nadam nadam) {
      return kept(block, NadamUpdater.V_STATE, nadam.getBeta2());
    } else if (own instanceof RmsPropUpdater && own.getConfig() instanceof RmsProp rmsProp) {
      return kept(block, RmsPropUpdater.G_STATE, rmsProp.getRmsDecay());
    } else if (own instanceof AdaDeltaUpdater && own.getConfig() instanceof AdaDelta adaDelta) {
      return kept(block, AdaDeltaUpdater.MSG_STATE, adaDelta.getRho());
    }
    return Optional.empty();
  }

  private static Optional<Kept> kept(UpdaterBlock block, String state, double decay) {
    GradientUpdater<?> own = block.getGradientUpdater();
    INDArray mean = Objects.requireNonNull(own.getState().get(state));
    return Optional.of(
        new Kept(block.getParamOffsetStart(), block.getParamOffsetEnd(), mean, decay));
  }

  /**
   * Returns whether the updater keeps the mean for every element of a parameter.
   *
   * @param parameter a parameter of the network
   * @return true if {@link #ofUpdater} can be called
   */
  public boolean isKeptByUpdater(PrunableParameter parameter) {
    long end = parameter.offset() + parameter.length();
    long covered =
        kept().stream()
            .mapToLong(
                block ->
                    Math.max(
                        0, Math.min(block.to(), end) - Math.max(block.from(), parameter.offset())))
            .sum();
    return covered == parameter.length();
  }

  /**
   * Returns the mean that the updater will have after its next step: with the gradient that was
   * computed last.
   *
   * @param parameter a parameter whose mean {@linkplain #isKeptByUpdater is kept}
   * @return a value for each element
   * @throws IllegalStateException if a gradient is NaN or infinite
   */
  public double[] ofUpdater(PrunableParameter parameter) {
    double[] gradients = network.finiteGradients(parameter);
    double[] means = new double[parameter.length()];
    double perExample = perExample();
    for (Kept block : kept()) {
      int first = (int) Math.max(0, block.from() - parameter.offset());
      int end = (int) Math.min(means.length, block.to() - parameter.offset());
      FlatValues values = FlatValues.of(block.mean());
      for (int i = first; i < end; i++) {
        double gradient = gradients[i] * perExample;
        means[i] =
            block.decay() * values.get(parameter.offset() + i - block.from())
                + (1 - block.decay()) * gradient * gradient;
      }
    }
    return means;
  }

  /**
   * Lets a mean follow the gradient that was computed last, in one pass.
   *
   * @param parameter a parameter of the network
   * @param means the mean of each element
   */
  public void follow(PrunableParameter parameter, double[] means) {
    blend(parameter, means, DECAY, 1 - DECAY);
  }

  /**
   * Adds the squares of the gradient that was computed last.
   *
   * @param parameter a parameter of the network
   * @param sums the sum of each element
   */
  public void add(PrunableParameter parameter, double[] sums) {
    blend(parameter, sums, 1, 1);
  }

  private void blend(PrunableParameter parameter, double[] values, double decay, double part) {
    double perExample = perExample();
    RunningSums.blendSquares(
        FlatValues.of(network.network().gradient()),
        parameter.offset(),
        values,
        decay,
        part * perExample * perExample);
  }

  /** DL4J divides the gradient by the number of examples just before the updater. */
  private double perExample() {
    boolean mean = network.model().conf().isMiniBatch();
    return mean ? 1.0 / Math.max(1, network.model().batchSize()) : 1.0;
  }
}
