package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pruning of one network: leads its weights through the rooms when an update is due, and keeps
 * the masks in force in between. Everything that can be refused is computed before anything is
 * written.
 */
final class PruningRun {

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final PruningConfig config;
  private final NetworkParameters network;
  private final List<PrunableParameter> selected;
  private final MaskWriter writer;

  private List<Mask> masks;

  /** The schedule's value that the masks were made for. */
  private double scheduled;

  PruningRun(PruningConfig config, Model model) {
    this.config = config;
    this.network = NetworkParameters.of(model);
    network.checkTrainedBySgd();
    this.selected = config.parameters().select(network.parameters(), network.layers());
    network.checkConstraintsKeepZeros(selected);
    this.masks = selected.stream().map(p -> Mask.dense(p.length())).toList();
    this.writer = new MaskWriter(network, selected);
  }

  boolean isOf(Model model) {
    return network.isOf(model);
  }

  /** The fraction of the selected weights that the masks have removed. */
  double sparsity() {
    long weights = 0;
    long removed = 0;
    for (Mask mask : masks) {
      weights += mask.length();
      removed += mask.removed();
    }
    return (double) removed / weights;
  }

  /** Called with the raw gradient at hand, before anything was updated. */
  void beforeStep(int iteration, int epoch) {
    if (config.timing().isDue(scheduled, iteration, epoch)) {
      updateMasks(iteration, epoch);
    }
    writer.maskGradient();
  }

  /** Puts the masks in force again, whatever happened to the network in between. */
  void restore() {
    writer.restore();
  }

  /** Called after the optimizer has changed the parameters. */
  void afterStep() {
    writer.maskAfterStep();
  }

  private void updateMasks(int iteration, int epoch) {
    double target = config.timing().sparsityAt(iteration, epoch);
    if (target < scheduled) {
      throw new IllegalStateException(
          "a removed weight stays removed, so the schedule must not fall, but at iteration "
              + iteration
              + " it falls from "
              + scheduled
              + " to "
              + target);
    }
    List<Mask> next;
    try {
      next = masksFor(target);
      writer.replaceMasks(next);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "mask update at iteration "
              + iteration
              + " refused, no mask was changed: "
              + e.getMessage(),
          e);
    }
    masks = next;
    scheduled = target;
    log.debug("iteration {}: sparsity {} (schedule {})", iteration, sparsity(), target);
  }

  private List<Mask> masksFor(double sparsity) {
    List<ScoredTensor> scored = new ArrayList<>();
    for (int p = 0; p < selected.size(); p++) {
      scored.add(score(selected.get(p), masks.get(p)));
    }
    network.checkGradientFinite(selected);
    List<Integer> sizes = selected.stream().map(PrunableParameter::length).toList();
    Mask[] next = new Mask[selected.size()];
    for (RemovalPool pool : config.distribution().allocate(sizes, sparsity)) {
      List<ScoredTensor> members = pool.tensors().stream().map(scored::get).toList();
      List<Mask> made = config.pattern().select(members, pool.removed());
      for (int m = 0; m < made.size(); m++) {
        next[pool.tensors().get(m)] = made.get(m);
      }
    }
    for (int p = 0; p < next.length; p++) {
      if (next[p] == null) {
        throw new IllegalStateException(
            "the distribution (" + config.distribution() + ") left out " + selected.get(p).name());
      }
    }
    return List.copyOf(Arrays.asList(next));
  }

  private ScoredTensor score(PrunableParameter parameter, Mask prior) {
    WeightTensor tensor = new WeightTensor(parameter.name(), network.finiteValues(parameter));
    double[] scores = config.criterion().score(tensor);
    if (scores == null) {
      throw new IllegalStateException(
          parameter.name() + ": expected scores, but the criterion gave null");
    }
    return new ScoredTensor(parameter.name(), scores, prior);
  }
}
