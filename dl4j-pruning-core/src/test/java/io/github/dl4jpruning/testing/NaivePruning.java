package io.github.dl4jpruning.testing;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The same rules, written as plainly as possible: one element at a time, with a full sort. */
public final class NaivePruning extends BaseTrainingListener {
  private final int at;
  private final double sparsity;
  private final BitSet removed = new BitSet();

  public NaivePruning(double sparsity, int at) {
    this.sparsity = sparsity;
    this.at = at;
  }

  @Override
  public void onGradientCalculation(Model model) {
    MultiLayerNetwork network = (MultiLayerNetwork) model;
    INDArray params = network.params().reshape(network.params().length());
    if (network.getIterationCount() == at) {
      long weights = Invariants.weightCount(network);
      smallest(network, Math.round(sparsity * weights)).forEach(removed::set);
    }
    INDArray gradient = network.getFlattenedGradients();
    INDArray flat = gradient.reshape(gradient.length());
    removed.stream().forEach(i -> params.putScalar(i, 0.0));
    removed.stream().forEach(i -> flat.putScalar(i, 0.0));
  }

  /**
   * Positions of the weights of smallest magnitude in the parameter vector; of equal ones, the
   * last.
   */
  public static List<Integer> smallest(MultiLayerNetwork network, long count) {
    INDArray params = network.params().reshape(network.params().length());
    long start = network.params().data().offset();
    return Invariants.weights(network).stream()
        .flatMap(
            w -> {
              int from = (int) (w.view().data().offset() - start);
              return IntStream.range(from, from + (int) w.view().length()).boxed();
            })
        .sorted(
            Comparator.comparingDouble((Integer i) -> Math.abs(params.getDouble(i)))
                .thenComparing(Comparator.<Integer>naturalOrder().reversed()))
        .limit(count)
        .toList();
  }
}
