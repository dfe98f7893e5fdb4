package io.github.dl4jpruning;

import io.github.dl4jpruning.watch.ListenerPlace;
import io.github.dl4jpruning.watch.NetworkPruner;
import io.github.dl4jpruning.watch.ReplicaLeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@link PruningListener} that deals with DL4J: it attaches to a network, keeps its
 * place in the listener list, and turns DL4J's callbacks into steps of a {@link PruningRun}.
 */
abstract class AttachableListener extends BaseTrainingListener implements NetworkPruner {

  private final PruningProgress progress;
  private final ListenerPlace place = new ListenerPlace(this);
  private volatile @Nullable PruningRun run;
  private boolean detached;

  /** Whether this listener was added to the list, and should still be there. */
  private boolean listed;

  AttachableListener(PruningProgress progress) {
    this.progress = progress;
  }

  final PruningProgress progress() {
    return progress;
  }

  /** Creates a run for a network that has none yet. */
  abstract PruningRun newRun(Model network);

  /** Returns the run, if this listener was ever attached. */
  final Optional<PruningRun> run() {
    return Optional.ofNullable(run);
  }

  /**
   * Puts this listener in front of the network's other listeners, so that a checkpoint or an
   * evaluation in one of them sees a pruned network. If the call fails, nothing is changed.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}, trained by
   *     stochastic gradient descent with any updater
   * @throws IllegalArgumentException if the solver or the parameter type is not supported, or the
   *     parameter filter does not fit the network
   * @throws IllegalStateException if the network is not initialised, already has a pruning
   *     listener, or this listener prunes another network
   */
  public void attachTo(Model network) {
    PruningRun bound = bind(network);
    start(bound);
    // While this listener was out of the list, removed weights may have moved.
    bound.restore();
  }

  /**
   * Like {@link #attachTo}, but does not add this listener to the network's listeners. For a
   * training loop that calls this listener itself.
   *
   * @param network an initialised network
   * @throws IllegalArgumentException as for {@link #attachTo}
   * @throws IllegalStateException if this listener prunes another network, or another listener
   *     prunes this network
   */
  public void bindTo(Model network) {
    PruningRun bound = bind(network);
    place.requireAlone(network, bound.listeners(), this::isCalledBy);
    run = bound;
    detached = false;
    listed = false;
    bound.restore();
  }

  /** Adds this listener to the front of a network's list, and prunes the network from now on. */
  final void start(PruningRun next) {
    place.putFirst(next.model(), next.listeners(), this::isCalledBy);
    run = next;
    detached = false;
    listed = true;
  }

  /**
   * Removes this listener from its network, which can then be trained without it. If the listener
   * is attached to the same network again, pruning continues; with another network, it starts
   * afresh.
   *
   * @throws IllegalStateException if it is not attached to a network
   */
  public void detach() {
    PruningRun own = attached();
    List<TrainingListener> others = new ArrayList<>(own.listeners());
    others.remove(this);
    own.model().setListeners(others);
    detached = true;
  }

  @Override
  public boolean isAttached() {
    return run != null && !detached;
  }

  @Override
  public boolean isAttachedTo(Model network) {
    return run != null && run.isOf(network);
  }

  /**
   * Does the first half of a training step, for a custom training loop. Call it when the gradient
   * is computed, before the updater is applied. Masks change here if an update is due, and the
   * gradient of removed weights becomes zero.
   *
   * @param network a network; the first call attaches this listener to it
   */
  public void beforeUpdate(Model network) {
    onGradientCalculation(network);
  }

  /**
   * Does the second half of a training step, for a custom training loop. Call it after the step has
   * been subtracted from the parameters. Removed weights become zero again. The loop must then
   * count the iteration ({@code setIterationCount} of the network or its configuration).
   *
   * @param network the network
   * @throws IllegalStateException if this listener does not prune this network
   */
  public void afterUpdate(Model network) {
    PruningRun own =
        run()
            .filter(attached -> attached.isOf(network))
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "expected the network that this listener prunes, but found another; call"
                            + " beforeUpdate first"));
    own.afterStep(own.iterations());
  }

  /**
   * Begins a round of several iterations in copies of a network, for a trainer that averages copies
   * (DL4J on Spark). Masks change here if an update is due at one of the iterations since the round
   * before; the copies then have to hold them. In ordinary training masks change after the gradient
   * is computed: copies that were made before this call do the same. If the criterion looks at
   * gradients, the network's gradient must have been set.
   *
   * @param network the original, which this listener prunes
   * @param iterations how many iterations the round counts, at least 1
   * @throws IllegalStateException if this listener does not prune this network, or has a rule that
   *     makes new masks after each step
   */
  public void beforeRound(Model network, int iterations) {
    PruningRun own = attachedTo(network);
    if (iterations < 1 || own.changesAfterStep()) {
      throw new IllegalStateException(
          "expected a round of at least one iteration, and a rule that keeps its masks until the"
              + " next, but found "
              + iterations
              + " iterations, or hardThresholding");
    }
    own.beforeStep(iterations);
  }

  /**
   * Ends a round: call it when the network has the average of its copies, and counts the iterations
   * of the round. The copies must have held the masks, in weights and updater state.
   *
   * @param network the original
   * @throws IllegalStateException if this listener does not prune this network
   */
  public void afterRound(Model network) {
    attachedTo(network).afterRound();
  }

  /**
   * Returns whether masks will change at the beginning of a round.
   *
   * @param network the original
   * @param iterations how many iterations the round counts, at least 1
   * @return true if an update is due
   * @throws IllegalStateException if this listener does not prune this network
   */
  public boolean isDue(Model network, int iterations) {
    return attachedTo(network).changesMasks(iterations);
  }

  private PruningRun attachedTo(Model network) {
    return run()
        .filter(attached -> attached.isOf(network))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "expected the network that this listener prunes, but found another"));
  }

  final void requireFree() {
    if (isAttached()) {
      throw new IllegalStateException(
          "expected a listener that is attached to no network yet, but this one is");
    }
  }

  final PruningRun attached() {
    if (run == null) {
      throw new IllegalStateException(
          "expected a listener that is attached to a network, but this one is not");
    }
    return run;
  }

  final void warnIfReplaced() {
    if (run != null && !detached && listed && place.isMissing(run.listeners())) {
      place.warnOfReplacement();
    }
  }

  @Override
  public void onEpochStart(Model model) {
    noticeCopy(model);
  }

  @Override
  public void onBackwardPass(Model model) {
    noticeCopy(model);
    boolean free = run == null || (!isAttached() && !run.isOf(model));
    if (free && model instanceof NeuralNetwork) {
      bindAsListed(model);
    }
    if (run != null && run.isOf(model)) {
      run.backwardPass();
    }
  }

  private PruningRun bindAsListed(Model model) {
    PruningRun bound = bind(model);
    run = bound;
    detached = false;
    listed = bound.listeners().contains(this);
    return bound;
  }

  private void noticeCopy(Model model) {
    if (run != null && !run.isOf(model)) {
      place.noticeCopy(model);
    }
  }

  @Override
  public void onGradientCalculation(Model model) {
    PruningRun own = run == null || !run.isOf(model) ? bindAsListed(model) : run;
    place.check(own.listeners());
    own.beforeStep(1);
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    if (run != null && run.isOf(model)) {
      run.afterStep(iteration);
    }
  }

  @Override
  public void onEpochEnd(Model model) {
    if (run != null && run.isOf(model)) {
      run.epochDone();
    }
  }

  private PruningRun bind(Model model) {
    if (run != null && run.isOf(model)) {
      return run;
    }
    if (isAttached() && model instanceof NeuralNetwork) {
      throw new IllegalStateException(
          "a pruning listener holds the masks of one network, but this one is asked to prune a"
              + " second; build another listener, or detach this one first (or, for a"
              + " ParallelWrapper, call ParallelPruning.attachTo of dl4j-pruning-parallel)");
    }
    return newRun(model);
  }

  private boolean isCalledBy(TrainingListener listener) {
    return listener instanceof ReplicaLeader leader && leader.leads(this);
  }
}
