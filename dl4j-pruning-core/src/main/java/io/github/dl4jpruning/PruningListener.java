package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Prunes a network while it trains, along a sparsity schedule: gradual magnitude pruning, unless
 * told otherwise.
 *
 * <pre>{@code
 * PruningListener pruning = PruningListener.builder()
 *     .schedule(SparsitySchedules.polynomial(0.0, 0.90, 1_000, 6_000))
 *     .build();
 * pruning.attachTo(network);
 * network.fit(train, epochs);
 * System.out.println(SparsityReport.of(network));
 * }</pre>
 *
 * <p>When an update is due (see {@link UpdateTiming}), the weights are scored and the least
 * important ones are removed, in {@link #onGradientCalculation}: the gradient is known there and
 * nothing was updated yet. From then on their gradient is set to zero before clipping,
 * regularisation and the updater see it, their updater state is at its initial value, and they are
 * set to zero again after every optimizer step. So after each iteration every removed weight is
 * exactly zero, whatever the updater, the regularisation or the clipping, as long as gradients are
 * finite; and every other parameter is what DL4J made it. A constraint that does not keep zeros
 * (UnitNorm) is refused.
 *
 * <p>By default a removed weight stays removed; a {@link MaskRule} may let weights return, and
 * {@link MaskRule#hardThresholding} keeps the gradient of removed weights, which are then set to
 * zero after the step alone.
 *
 * <p>One listener prunes one network, trained by one thread at a time. For several replicas that
 * are trained at once there is {@link ReplicaPruning}.
 *
 * <p>Source: M. Zhu and S. Gupta, "To prune, or not to prune", 2017 (arXiv 1710.01878).
 */
public final class PruningListener extends BaseTrainingListener {

  private final PruningConfig config;
  private final PruningProgress progress;
  private final ListenerPlace place = new ListenerPlace(this);
  private volatile PruningRun run;
  private boolean detached;

  private PruningListener(PruningConfig config) {
    this.config = config;
    this.progress = new PruningProgress(config.timing());
  }

  /**
   * Starts a listener. Only {@link Builder#schedule} has to be set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A listener for a configuration, for instance one that was read from a recipe.
   *
   * @param config how to prune
   * @return a listener that is attached to no network yet
   */
  public static PruningListener of(PruningConfig config) {
    if (config == null) {
      throw new IllegalArgumentException("config must be set, but is null");
    }
    return new PruningListener(config);
  }

  /**
   * A listener that removes nothing, and holds what is removed already: attach it to a network that
   * was pruned before, and call {@link #adoptZeros}. For fine-tuning and transfer learning.
   *
   * @return a listener that is attached to no network yet
   */
  public static PruningListener fineTuning() {
    return builder().schedule(SparsitySchedules.constant(0.0)).build();
  }

  /**
   * Puts this listener in front of the network's other listeners, so that a checkpoint or an
   * evaluation that they make sees a pruned network. Nothing of the network is changed if anything
   * is refused.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}, trained by
   *     stochastic gradient descent with any updater
   * @throws IllegalArgumentException if the solver or the parameter type is not supported, or the
   *     parameter filter does not fit the network
   * @throws IllegalStateException if the network is not initialised, it has a pruning listener
   *     already, or this listener prunes another network
   */
  public void attachTo(Model network) {
    PruningRun bound = bind(network);
    place.putFirst(network, bound.listeners(), this::isCalledBy);
    run = bound;
    detached = false;
    // Where this listener was taken out of the list for a while, removed weights may have moved.
    run.restore();
  }

  /**
   * Takes this listener out of the list of its network, which trains on without it. Attached to the
   * same network again, it goes on; it may also be attached to another one, and begins anew there.
   *
   * @throws IllegalStateException if it is attached to no network
   */
  public void detach() {
    List<TrainingListener> others = new ArrayList<>(attached().listeners());
    others.remove(this);
    run.setListeners(others);
    detached = true;
  }

  /**
   * Whether this listener holds the masks of a network.
   *
   * @param network any network
   * @return true if so
   */
  public boolean isAttachedTo(Model network) {
    return run != null && run.isOf(network);
  }

  /**
   * Goes on in place of another listener, with another configuration: the masks are kept, and what
   * is remembered for the criterion where this one's wants it. As long as this one's schedule is
   * below the sparsity that there is, nothing is removed.
   *
   * @param previous the listener that has pruned a network until now; detached by this
   * @throws IllegalStateException if the other one is attached to no network, or this one is to one
   *     already
   */
  public void takeOver(PruningListener previous) {
    if (isAttached()) {
      throw new IllegalStateException(
          "expected a listener that is attached to no network yet, but this one is");
    }
    PruningRun before = previous.attached();
    PruningState state = before.state();
    PruningRun next = new PruningRun(config, progress, before.model());
    previous.detach();
    next.restoreWithChanges(state);
    place.putFirst(before.model(), next.listeners(), this::isCalledBy);
    run = next;
  }

  /**
   * Takes the weights of the network that are zero now as removed, as in a network that was pruned
   * before and loaded from a stock file: they stay zero from now on, and count for the schedule. A
   * tensor that is zero as a whole, as a new output layer may be, was not trained yet: none of its
   * weights count as removed, and a warning names it.
   *
   * @return how many of the selected weights are removed now
   * @throws IllegalStateException if this listener prunes no network yet, or its rule chooses anew
   *     what is removed (regrow, hard thresholding), so that zeros would not stay
   */
  public long adoptZeros() {
    if (config.rule().followsFalls()) {
      throw new IllegalStateException(
          "expected a rule by which removed weights stay removed, but "
              + config.rule()
              + " chooses anew at each update, so the zeros of the network would not hold");
    }
    return attached().adoptZeros();
  }

  /**
   * The sparsity now, measured in the network.
   *
   * @return the fraction of the selected weights that the masks have removed and that is zero, in
   *     [0, 1); 0 before the first update
   */
  public double sparsity() {
    warnIfReplaced();
    return run == null ? 0.0 : run.sparsity();
  }

  /**
   * Whether the network is as sparse as the schedule will make it: the masks are those of its
   * highest sparsity (or, for a schedule that does not tell how far it goes, those of its present
   * value, and it is at rest), and all removed weights are zero.
   *
   * @return true if so; false as long as this listener prunes no network
   */
  public boolean isAtTarget() {
    return run != null && run.isAtTarget();
  }

  /**
   * Sets all removed weights to zero, and their updater state to its initial value: for weights
   * that something else has written to, such as averaged weights that were set at the end.
   *
   * @return how many removed weights were not zero
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public long applyMasks() {
    return attached().applyMasks();
  }

  /**
   * The first half of a training step, for a training loop of your own: call it when the gradient
   * of the network has been computed, and before the updater makes a step of it. Masks change here
   * if an update is due, and the gradient of removed weights becomes zero.
   *
   * @param network a network; attached to by the first call, if it is not yet
   */
  public void beforeUpdate(Model network) {
    onGradientCalculation(network);
  }

  /**
   * The second half of a training step, for a training loop of your own: call it when the step has
   * been subtracted from the parameters. Removed weights become zero again. The loop has to count
   * iterations then ({@code setIterationCount} of the network or its configuration).
   *
   * @param network the network
   * @throws IllegalStateException if this listener does not prune this network
   */
  public void afterUpdate(Model network) {
    if (!isAttachedTo(network)) {
      throw new IllegalStateException(
          "expected the network that this listener prunes, but found another; call beforeUpdate"
              + " first");
    }
    iterationDone(network, run.iterations(), run.epochs());
  }

  /** Whether the schedule tells its highest sparsity. */
  boolean knowsTarget() {
    return progress.target().isPresent();
  }

  /** What to say of a training that ends now, if it ends below its target. */
  Optional<String> shortfall() {
    return run == null ? Optional.empty() : run.shortfall();
  }

  /**
   * Has a listener told of what happens here.
   *
   * @param listener who wants to know
   */
  public void addEventListener(PruningEventListener listener) {
    progress.add(listener);
  }

  /**
   * Says that training is over: event listeners are told, and a training that ends below its target
   * is warned of in the log, with the reason. Removed weights that something has written to are set
   * to zero again, with a warning. (DL4J tells its listeners of the end of an epoch, but not of the
   * end of {@code fit}.)
   *
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public void finish() {
    warnIfReplaced();
    attached().finished();
  }

  /**
   * How this listener prunes.
   *
   * @return the configuration
   */
  public PruningConfig config() {
    return config;
  }

  /**
   * Writes what this run has to remember to go on: masks, the schedule's value, and what is
   * remembered for the criterion (sums, initial values). Save the network with its updater beside
   * it.
   *
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public void writeState(OutputStream out) throws IOException {
    PruningStateStream.write(state(), out);
  }

  /**
   * Goes on from a state that {@link #writeState} wrote. Attach this listener, made with the same
   * configuration, to the loaded network first; from then on training gives the same bits as if it
   * had not been interrupted.
   *
   * @param in where from; not closed
   * @throws IOException if it is no pruning state, is for another network, or is damaged; nothing
   *     is changed then
   * @throws IllegalArgumentException if it is of a run with another configuration, with what
   *     differs; nothing is changed then
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public void readState(InputStream in) throws IOException {
    PruningRun present = attached();
    present.restore(PruningStateStream.read(in, present.expected()));
  }

  /** Attaches this listener to a loaded network, in the state that was saved, or not at all. */
  void resume(Model network, StateReader state) throws IOException {
    PruningRun loaded = unattached(network);
    loaded.restore(state.read(loaded.expected()));
    place.putFirst(network, loaded.listeners(), this::isCalledBy);
    run = loaded;
  }

  /** As {@link #resume}, for the state of a run with another configuration. */
  void resumeWithChanges(Model network, InputStream state) throws IOException {
    PruningRun loaded = unattached(network);
    loaded.restoreWithChanges(
        PruningStateStream.read(state, loaded.possible(), PruningStateStream.Selection.SOME));
    place.putFirst(network, loaded.listeners(), this::isCalledBy);
    run = loaded;
  }

  private PruningRun unattached(Model network) {
    if (isAttached()) {
      throw new IllegalStateException(
          "expected a listener that is attached to no network yet, but this one is");
    }
    return new PruningRun(config, progress, network);
  }

  /** Reads a state for some tensors. */
  @FunctionalInterface
  interface StateReader {
    PruningState read(List<PruningStateStream.Expected> expected) throws IOException;
  }

  /** What this run has to remember to go on. */
  PruningState state() {
    warnIfReplaced();
    return attached().state();
  }

  private PruningRun attached() {
    if (run == null) {
      throw new IllegalStateException(
          "expected a listener that is attached to a network, but this one is not");
    }
    return run;
  }

  private void warnIfReplaced() {
    if (run != null && !detached && run.trainsWithout(this)) {
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
  }

  private void noticeCopy(Model model) {
    if (run != null && !run.isOf(model)) {
      place.noticeCopy(model);
    }
  }

  @Override
  public void onGradientCalculation(Model model) {
    if (run == null || !run.isOf(model)) {
      run = bind(model);
    }
    place.check(run.listeners());
    run.beforeStep();
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

  boolean isAttached() {
    return run != null && !detached;
  }

  /** Removed weights that are not zero; of the network that this listener prunes. */
  MovedWeights moved() {
    return attached().moved();
  }

  /** Whether the network is the original of replicas that are trained in parallel. */
  boolean leadsReplicas() {
    return attached().listeners().stream().anyMatch(ReplicaPruning.class::isInstance);
  }

  /** How many iterations DL4J has counted. */
  int iterations() {
    return attached().iterations();
  }

  /** How many epochs DL4J has counted. */
  int epochs() {
    return attached().epochs();
  }

  /** As {@link #attachTo}, for one who calls this listener by other ways than DL4J's list. */
  void bindTo(Model network) {
    run = bind(network);
    detached = false;
    run.restore();
  }

  ReplicaRun replicaRun(Model replica) {
    return new ReplicaRun(config, replica);
  }

  /** Puts masks in force that were made for a sparsity, in place of those that hold. */
  void hold(List<Mask> masks, double scheduled) {
    attached().hold(masks, scheduled);
  }

  /** The masks that hold now. */
  List<Mask> masks() {
    return attached().masks();
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
    return new PruningRun(config, progress, model);
  }

  private boolean isCalledBy(TrainingListener listener) {
    return listener instanceof ReplicaPruning replicas && replicas.leads(this);
  }

  @Override
  public String toString() {
    return "PruningListener[" + config + "]";
  }

  /** Collects the choices; every one but the schedule has a default. */
  public static final class Builder extends RankingBuilder<Builder> {
    private ISchedule schedule;
    private int updateEvery = UpdateTiming.DEFAULT_INTERVAL;
    private CountFrom countFrom = CountFrom.START_OF_TRAINING;
    private SparsityDistribution distribution = SparsityDistribution.global();
    private MaskRule rule = MaskRule.monotone();

    private Builder() {
      super(SparsityPattern.unstructured());
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * What sparsity is due at which iteration or epoch.
     *
     * @param schedule any schedule with values in [0, 1), see {@code SparsitySchedules}; it must
     *     not fall unless the rule lets weights return
     * @return this builder
     */
    public Builder schedule(ISchedule schedule) {
      this.schedule = schedule;
      return this;
    }

    /**
     * How often masks change while the schedule moves.
     *
     * @param iterations iterations between mask updates, at least 1; 100 unless set
     * @return this builder
     */
    public Builder updateEvery(int iterations) {
      this.updateEvery = iterations;
      return this;
    }

    /**
     * Which iteration the schedule calls 0. DL4J counts the iterations of a network that is saved,
     * loaded and trained on, so a schedule that counts from the start of training may be over
     * before pruning begins.
     *
     * @param countFrom the start of training, unless set
     * @return this builder
     */
    public Builder countFrom(CountFrom countFrom) {
      this.countFrom = countFrom;
      return this;
    }

    /**
     * How the sparsity is shared out between tensors.
     *
     * @param distribution the distribution; global unless set
     * @return this builder
     */
    public Builder distribution(SparsityDistribution distribution) {
      this.distribution = distribution;
      return this;
    }

    /**
     * How masks may change.
     *
     * @param rule the rule; monotone unless set
     * @return this builder
     */
    public Builder rule(MaskRule rule) {
      this.rule = rule;
      return this;
    }

    /**
     * Makes the listener.
     *
     * @return a listener that is attached to no network yet
     * @throws IllegalArgumentException if the schedule is not set, {@code updateEvery} is below 1,
     *     another choice is null, or two choices do not go together
     */
    public PruningListener build() {
      UpdateTiming timing = new UpdateTiming(schedule, updateEvery, countFrom);
      return new PruningListener(
          new PruningConfig(timing, criterion, distribution, pattern, rule, parameters));
    }
  }
}
