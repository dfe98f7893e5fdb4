package io.github.dl4jpruning.testing;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;

/**
 * What has to hold after every iteration, checked through DL4J's slow public face and not through
 * our own.
 */
public final class Invariants {

  /**
   * W, RW, WF, RWB, pW and Wq, each also behind the f or b of a layer in two directions; e0W, d0W
   * and pZXMeanW of a variational autoencoder.
   */
  private static final Pattern WEIGHTS =
      Pattern.compile("[fb]?(R?W[FB]?|pW|W[qkvo]|weight)|[ed]\\d+W|p(ZX|XZ)\\w*W");

  private Invariants() {}

  /** One weight matrix as the network's own parameter table shows it. */
  public record Weights(String key, INDArray view) {}

  public static List<Weights> weights(Model network) {
    return network.paramTable().entrySet().stream()
        .filter(
            e -> WEIGHTS.matcher(e.getKey().substring(e.getKey().lastIndexOf('_') + 1)).matches())
        .map(e -> new Weights(e.getKey(), e.getValue()))
        .toList();
  }

  /** All parameters, bit by bit. */
  public static long[] bits(Model network) {
    return Arrays.stream(network.params().toDoubleVector())
        .mapToLong(Double::doubleToRawLongBits)
        .toArray();
  }

  /** Positions in the flat parameter vector that are weights and zero. */
  public static BitSet zeroWeights(Model network) {
    BitSet zeros = new BitSet();
    long start = network.params().data().offset();
    double[] all = network.params().toDoubleVector();
    for (Weights weights : weights(network)) {
      int offset = (int) (weights.view().data().offset() - start);
      for (int i = offset; i < offset + weights.view().length(); i++) {
        zeros.set(i, all[i] == 0.0);
      }
    }
    return zeros;
  }

  /** Weights that were zero before and are not any more. */
  public static BitSet returned(BitSet before, BitSet after) {
    BitSet back = (BitSet) before.clone();
    back.andNot(after);
    return back;
  }

  public static long weightCount(Model network) {
    return weights(network).stream().mapToLong(w -> w.view().length()).sum();
  }

  /** Updater state at the given parameters is what the updater starts with. */
  public static void checkUpdaterState(Model network, BitSet removed) {
    BaseMultiLayerUpdater<?> all =
        network instanceof ComputationGraph graph
            ? graph.getUpdater()
            : (BaseMultiLayerUpdater<?>) ((MultiLayerNetwork) network).getUpdater();
    for (UpdaterBlock block : all.getUpdaterBlocks()) {
      GradientUpdater<?> updater = block.getGradientUpdater();
      IUpdater config = updater.getConfig();
      double initial = 0.0;
      if (config instanceof RmsProp rmsProp) {
        initial = rmsProp.getEpsilon();
      } else if (config instanceof AdaGrad adaGrad) {
        initial = adaGrad.getEpsilon();
      }
      Map<String, INDArray> state = updater.getState();
      for (Map.Entry<String, INDArray> entry : state.entrySet()) {
        INDArray flat = entry.getValue().dup('c').reshape(entry.getValue().length());
        double[] values = flat.toDoubleVector();
        double start = flat.assign(initial).getDouble(0);
        for (int i = block.getParamOffsetStart(); i < block.getParamOffsetEnd(); i++) {
          double value = values[i - block.getParamOffsetStart()];
          if (removed.get(i) && value != start) {
            fail("%s: state %s of parameter %d is %s", config, entry.getKey(), i, value);
          }
        }
      }
    }
  }
}
