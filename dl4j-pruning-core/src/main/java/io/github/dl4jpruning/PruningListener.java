package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(PruningListener.class);

  private final PruningConfig config;
  private final PruningProgress progress;
  private volatile PruningRun run;
  private boolean saidPlace;
  private boolean saidReplaced;

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
    List<TrainingListener> present = bound.listeners();
    if (present.contains(this)) {
      throw new IllegalStateException("this pruning listener is attached to this network already");
    }
    if (present.stream().anyMatch(this::isAnother)) {
      throw new IllegalStateException(
          "a network can have one pruning listener, but this network has one already");
    }
    List<TrainingListener> listeners = new ArrayList<>();
    listeners.add(this);
    // What is left of a training with replicas would call this listener a second time.
    present.stream().filter(l -> !(l instanceof ReplicaPruning)).forEach(listeners::add);
    network.setListeners(listeners);
    run = bound;
    // Where this listener was taken out of the list for a while, removed weights may have moved.
    run.restore();
  }

  /**
   * Takes the weights of the network that are zero now as removed, as in a network that was pruned
   * before and loaded from a stock file: they stay zero from now on, and count for the schedule. A
   * tensor that is zero as a whole keeps its first weight.
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
   * The sparsity now.
   *
   * @return the fraction of the selected weights that the masks have removed, in [0, 1); 0 before
   *     the first update
   */
  public double sparsity() {
    warnIfReplaced();
    return run == null ? 0.0 : run.sparsity();
  }

  /**
   * Whether the network is as sparse as the schedule will make it: the masks are those of its
   * highest sparsity; or, for a schedule that does not tell how far it goes, those of its present
   * value, and it is at rest.
   *
   * @return true if so; false as long as this listener prunes no network
   */
  public boolean isAtTarget() {
    return run != null && run.isAtTarget();
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
   * is warned of in the log, with the reason. (DL4J tells its listeners of the end of an epoch, but
   * not of the end of {@code fit}.)
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
   * @throws IllegalArgumentException if it is of a run with another configuration; nothing is
   *     changed then
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public void readState(InputStream in) throws IOException {
    PruningRun present = attached();
    present.restore(PruningStateStream.read(in, present.expected()));
  }

  /**
   * Attaches this listener to a loaded network, in the state that was saved with it, or not at all.
   */
  void resume(Model network, InputStream state) throws IOException {
    resume(network, expected -> PruningStateStream.read(state, expected));
  }

  /** Reads a state for some tensors. */
  @FunctionalInterface
  interface StateReader {
    PruningState read(List<PruningStateStream.Expected> expected) throws IOException;
  }

  /** As {@link #resume(Model, InputStream)}, for a state that is written in another way. */
  void resume(Model network, StateReader state) throws IOException {
    if (run != null) {
      throw new IllegalStateException(
          "expected a listener that is attached to no network yet, but this one is");
    }
    PruningRun loaded = new PruningRun(config, progress, network);
    loaded.restore(state.read(loaded.expected()));
    network.setListeners(this);
    run = loaded;
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

  /** A list that was set after {@link #attachTo} does not hold this listener any more. */
  private void warnIfReplaced() {
    if (run != null && !saidReplaced && run.trainsWithout(this)) {
      saidReplaced = true;
      log.warn(
          "This pruning listener is not among the listeners of its network any more, so it prunes"
              + " nothing: setListeners has replaced it. Call attachTo after setListeners, or use"
              + " addListeners.");
    }
  }

  @Override
  public void onGradientCalculation(Model model) {
    if (run == null || !run.isOf(model)) {
      run = bind(model);
    }
    checkPlace(run.listeners());
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

  /** Whether this listener holds the masks of a network. */
  boolean prunes(Model network) {
    return run != null && run.isOf(network);
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
    run.restore();
  }

  ReplicaRun replicaRun(Model replica) {
    return new ReplicaRun(config, replica);
  }

  /** Puts masks in force that were made for a sparsity, in place of those that hold. */
  void hold(List<Mask> masks, double scheduled) {
    attached().hold(masks, scheduled);
  }

  /** Takes this listener out of the list of its network; it can be attached again. */
  void detach(Model network) {
    List<TrainingListener> others = new ArrayList<>(attached().listeners());
    others.remove(this);
    network.setListeners(others);
  }

  /** The masks that hold now. */
  List<Mask> masks() {
    return attached().masks();
  }

  private PruningRun bind(Model model) {
    if (run != null && run.isOf(model)) {
      return run;
    }
    if (run != null && model instanceof NeuralNetwork) {
      throw new IllegalStateException(
          "a pruning listener holds the masks of one network, but this one is asked to prune a"
              + " second; build another listener (or, for a ParallelWrapper, call"
              + " ParallelPruning.attachTo of dl4j-pruning-parallel)");
    }
    return new PruningRun(config, progress, model);
  }

  private boolean isAnother(TrainingListener listener) {
    return (listener instanceof PruningListener && listener != this)
        || (listener instanceof ReplicaPruning replicas && !replicas.leads(this));
  }

  /** The list may be changed at any time; {@link #attachTo} only sees to its beginning. */
  private void checkPlace(List<TrainingListener> listeners) {
    if (listeners.isEmpty() || (listeners.get(0) == this && listeners.size() == 1)) {
      return;
    }
    long prunes =
        listeners.stream()
            .filter(l -> l instanceof PruningListener || l instanceof ReplicaPruning)
            .count();
    if (prunes > 1) {
      throw new IllegalStateException(
          "a network can have one pruning listener, but this network has more");
    }
    if (!saidPlace && listeners.indexOf(this) > 0) {
      saidPlace = true;
      log.warn(
          "The pruning listener stands behind {}, which may see (and save) weights that are not"
              + " pruned. Use attachTo(network), which puts it first.",
          listeners.get(0).getClass().getSimpleName());
    }
  }

  @Override
  public String toString() {
    return "PruningListener[" + config + "]";
  }

  /** Collects the choices; every one but the schedule has a default. */
  public static final class Builder extends RankingBuilder<Builder> {
    private ISchedule schedule;
    private int updateEvery = UpdateTiming.DEFAULT_INTERVAL;
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
      UpdateTiming timing = new UpdateTiming(schedule, updateEvery);
      return new PruningListener(
          new PruningConfig(timing, criterion, distribution, pattern, rule, parameters));
    }
  }
}
