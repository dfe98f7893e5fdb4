package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pruning of one network: decides when masks change, and keeps them in force in between.
 * Everything that can be refused is computed before anything is written.
 */
final class PruningRun {

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final PruningConfig config;
  private final NetworkParameters network;
  private final List<PrunableParameter> selected;
  private final MaskPlanner planner;
  private final CriterionMemory memory;
  private final MaskWriter writer;
  private final boolean thresholdsEveryStep;

  private List<Mask> masks;

  /** The schedule's value that the masks were made for. */
  private double scheduled;

  PruningRun(PruningConfig config, Model model) {
    this.config = config;
    this.network = NetworkParameters.of(model);
    network.checkTrainedBySgd();
    this.selected = config.parameters().select(network.parameters(), network.layers());
    network.checkConstraintsKeepZeros(selected);
    this.planner = new MaskPlanner(config);
    this.memory = new CriterionMemory(config.criterion(), network, selected);
    this.masks = selected.stream().map(p -> Mask.dense(p.length())).toList();
    this.writer = new MaskWriter(network, selected);
    this.thresholdsEveryStep = config.rule() instanceof MaskRule.HardThresholding;
  }

  boolean isOf(Model model) {
    return network.isOf(model);
  }

  List<TrainingListener> listeners() {
    return network.listeners();
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
  void beforeStep() {
    int iteration = network.iteration();
    int epoch = network.epoch();
    memory.observe();
    boolean moved = config.timing().isDue(scheduled, iteration, epoch);
    if (moved || exchanges(iteration)) {
      replaceMasks(moved ? target(iteration, epoch) : scheduled, iteration, moved);
      memory.updateDone();
    }
    if (!thresholdsEveryStep) {
      writer.maskGradient();
    }
  }

  /** Puts the masks in force again, whatever happened to the network in between. */
  void restore() {
    writer.restore();
  }

  /** Called after the optimizer has changed the parameters. */
  void afterStep(int iteration) {
    if (thresholdsEveryStep && scheduled > 0.0) {
      replaceMasks(scheduled, iteration, true);
      writer.zeroRemoved();
    } else {
      writer.maskAfterStep();
    }
  }

  private boolean exchanges(int iteration) {
    return config.rule() instanceof MaskRule.Exchange exchange
        && scheduled > 0.0
        && iteration % config.timing().updateEvery() == 0
        && iteration < exchange.until();
  }

  private double target(int iteration, int epoch) {
    double target = config.timing().sparsityAt(iteration, epoch);
    if (target < scheduled && !config.rule().followsFalls()) {
      throw new IllegalStateException(
          "a removed weight stays removed, so the schedule must not fall, but at iteration "
              + iteration
              + " it falls from "
              + scheduled
              + " to "
              + target
              + "; the rule regrow would let weights return");
    }
    return target;
  }

  /**
   * Makes masks and puts them in force.
   *
   * @param target the sparsity that they are for
   * @param count whether the number of weights has to be found anew; where not, they are exchanged
   */
  private void replaceMasks(double target, int iteration, boolean count) {
    List<Mask> next;
    try {
      network.checkWeightsFinite(selected);
      network.checkGradientFinite(selected);
      Due due = count ? new Due(target, config.timing().progress(target)) : null;
      next = planner.plan(tensors(iteration), due, iteration);
      writer.replaceMasks(next);
    } catch (RuntimeException e) { // whatever a criterion or a distribution throws
      throw new IllegalStateException(
          "mask update at iteration "
              + iteration
              + " refused, no mask was changed: "
              + (e.getMessage() == null ? e : e.getMessage()),
          e);
    }
    masks = next;
    scheduled = target;
    log.debug("iteration {}: sparsity {} (schedule {})", iteration, sparsity(), target);
  }

  private List<MaskPlanner.Tensor> tensors(int iteration) {
    boolean scales = config.pattern().needsOutputScales();
    return IntStream.range(0, selected.size())
        .mapToObj(
            p ->
                new MaskPlanner.Tensor(
                    memory.tensor(p, iteration),
                    masks.get(p),
                    scales ? network.outputScales(selected.get(p)) : null))
        .toList();
  }

  /** What has to be remembered to go on. */
  PruningState state() {
    List<TensorState> tensors = new ArrayList<>();
    for (int p = 0; p < selected.size(); p++) {
      tensors.add(
          new TensorState(
              selected.get(p).name(), masks.get(p), memory.initialWeights(p), memory.movement(p)));
    }
    return new PruningState(recipe(), scheduled, tensors);
  }

  /** What a state has to be for. */
  List<PruningStateStream.Expected> expected() {
    return selected.stream()
        .map(p -> new PruningStateStream.Expected(p.name(), p.length()))
        .toList();
  }

  /**
   * Goes on from a state: its masks are put in force.
   *
   * @throws IllegalArgumentException if it was made by another configuration
   */
  void restore(PruningState state) {
    String own = recipe();
    boolean fits =
        state.recipe().equals(own)
            && IntStream.range(0, selected.size())
                .allMatch(p -> memory.fits(state.tensors().get(p), p));
    if (!fits) {
      throw new IllegalArgumentException(
          "expected the state of a run with the configuration "
              + own.replaceAll("\\s+", " ")
              + ", but found one with "
              + state.recipe().replaceAll("\\s+", " "));
    }
    memory.restore(state.tensors());
    masks = state.tensors().stream().map(TensorState::mask).toList();
    scheduled = state.scheduled();
    writer.resumeMasks(masks);
  }

  private String recipe() {
    return config.fingerprint();
  }
}
