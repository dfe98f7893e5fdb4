package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.replicas.HeldMasks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Lets the network of a worker hold the masks of its round. It travels with the task, and puts a
 * listener in front of those of the network before the first batch. It keeps no counts, so a task
 * that Spark tries again begins afresh.
 */
final class MaskingHook implements TrainingHook {

  private static final long serialVersionUID = 1L;

  private final ArrayList<Broadcast<PackedMask>> masks;
  private final boolean changed;
  private final int iteration;
  private final int epoch;

  /**
   * Makes the hook of a round.
   *
   * @param masks the masks
   * @param changed whether they are new, so that the driver's weights do not have them yet
   * @param iteration the round's first iteration: DL4J lets graphs begin at 0 in each round, which
   *     would restart Adam's correction of its means and each schedule of a learning rate
   * @param epoch the round's epoch, for the same reason
   */
  MaskingHook(List<Broadcast<PackedMask>> masks, boolean changed, int iteration, int epoch) {
    this.masks = new ArrayList<>(masks);
    this.changed = changed;
    this.iteration = iteration;
    this.epoch = epoch;
  }

  private void hold(Model network) {
    Collection<TrainingListener> listeners =
        network instanceof ComputationGraph graph
            ? graph.getListeners()
            : ((MultiLayerNetwork) network).getListeners();
    if (listeners.stream().anyMatch(Holding.class::isInstance)) {
      return;
    }
    if (network instanceof ComputationGraph graph) {
      graph.getConfiguration().setIterationCount(iteration);
      graph.getConfiguration().setEpochCount(epoch);
    }
    Map<String, Mask> unpacked = new LinkedHashMap<>();
    for (Broadcast<PackedMask> mask : masks) {
      unpacked.put(mask.value().name(), mask.value().unpacked());
    }
    List<TrainingListener> all = new ArrayList<>();
    all.add(
        new Holding(
            changed ? HeldMasks.of(network, unpacked) : HeldMasks.ofPruned(network, unpacked)));
    all.addAll(listeners);
    network.setListeners(all);
  }

  @Override
  public void preUpdate(DataSet batch, Model network) {
    hold(network);
  }

  @Override
  public void preUpdate(MultiDataSet batch, Model network) {
    hold(network);
  }

  @Override
  public void postUpdate(DataSet batch, Model network) {}

  @Override
  public void postUpdate(MultiDataSet batch, Model network) {}

  /** Masks gradient, updater state and weights in each iteration. */
  private static final class Holding extends BaseTrainingListener {
    private final HeldMasks masks;

    Holding(HeldMasks masks) {
      this.masks = masks;
    }

    @Override
    public void onGradientCalculation(Model model) {
      masks.beforeStep();
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      masks.afterStep();
    }
  }
}
