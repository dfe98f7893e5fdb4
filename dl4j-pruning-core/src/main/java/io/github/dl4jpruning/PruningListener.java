package io.github.dl4jpruning;

import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.recipe.Fingerprint;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.schedule.UpdateTiming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/**
 * Prunes a network while it trains, along a sparsity schedule. The default is gradual magnitude
 * pruning.
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
 * <p>When an update is due (see {@link UpdateTiming}), the listener scores the weights and removes
 * the least important ones. It does so in {@link #onGradientCalculation}, when the gradient is
 * known and nothing is updated yet. From then on it sets the gradient of removed weights to zero
 * before clipping, regularisation and the updater see it, keeps their updater state at its initial
 * value, and sets the weights to zero again after every optimizer step. So after each iteration
 * every removed weight is exactly zero, and every other parameter is what DL4J made it. This holds
 * for all updaters, regularisations and clippings, as long as gradients are finite. A constraint
 * that does not keep zeros (UnitNorm) is refused.
 *
 * <p>By default a removed weight stays removed. A {@link MaskRule} may let weights return, and
 * {@link MaskRule#hardThresholding} keeps the gradient of removed weights and sets only the weights
 * to zero, after the step.
 *
 * <p>One listener prunes one network, trained by one thread at a time. For replicas that train at
 * the same time see {@code ReplicaPruning}.
 *
 * <p>Source: M. Zhu and S. Gupta, "To prune, or not to prune", 2017 (arXiv 1710.01878).
 */
public final class PruningListener extends AttachableListener {

  private final PruningConfig config;

  private PruningListener(PruningConfig config) {
    super(new PruningProgress(config.timing()));
    this.config = config;
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
   * A listener that removes nothing and keeps what is removed: for fine-tuning and transfer
   * learning. Attach it to a network that was pruned before, and call {@link #adoptZeros}.
   *
   * @return a listener that is attached to no network yet
   */
  public static PruningListener fineTuning() {
    return builder().schedule(SparsitySchedules.constant(0.0)).build();
  }

  /**
   * Goes on in place of another listener, with another configuration. The masks are kept, and so is
   * what is remembered for the criterion, if this one wants it. As long as this schedule is below
   * the sparsity that there is, nothing is removed.
   *
   * @param previous the listener that has pruned a network until now; this call detaches it
   * @throws IllegalStateException if the other listener is attached to no network, or this one is
   *     attached already
   */
  public void takeOver(PruningListener previous) {
    requireFree();
    PruningRun before = previous.attached();
    PruningRun next = newRun(before.model());
    PruningState state = before.state();
    previous.detach();
    next.resumeWithChanges(state);
    start(next);
    next.zeroRemoved();
  }

  /**
   * Takes the weights that are zero now as removed, as in a network that was pruned before and
   * loaded from a stock file. They stay zero from now on, and count for the schedule. A tensor that
   * is zero as a whole, such as a new output layer, was not trained yet: none of its weights count
   * as removed, and a warning names it.
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
    return run().map(PruningRun::sparsity).orElse(0.0);
  }

  /**
   * Whether the network is as sparse as the schedule will make it: the masks are those of its
   * highest sparsity, and all removed weights are zero. A schedule that does not tell its highest
   * sparsity is at its target while it is at rest.
   *
   * @return true if so; false as long as this listener prunes no network
   */
  public boolean isAtTarget() {
    return run().map(PruningRun::isAtTarget).orElse(false);
  }

  /**
   * The masks that hold now.
   *
   * @return one for each selected parameter, by rising offset
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public List<Mask> masks() {
    return attached().masks();
  }

  /**
   * Puts masks in force that were made elsewhere. Removed weights become zero. As long as the
   * schedule is below {@code scheduled}, nothing is removed.
   *
   * @param masks one for each selected parameter, by rising offset
   * @param scheduled the value of the schedule that they are for, in [0, 1)
   * @throws IllegalArgumentException if the masks do not fit the selected parameters, or the value
   *     is out of range; nothing is changed then
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public void holdMasks(List<Mask> masks, double scheduled) {
    attached().hold(masks, scheduled);
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
   * Says which removed weights are not zero, because something else has written to them.
   *
   * @return a sentence with numbers and a layer; empty if all removed weights are zero
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public Optional<String> movedWeights() {
    return attached().movedWeights();
  }

  /** Whether the schedule tells its highest sparsity. */
  boolean knowsTarget() {
    return progress().target().isPresent();
  }

  /** What to say of a training that ends now, if it ends below its target. */
  Optional<String> shortfall() {
    return run().flatMap(PruningRun::shortfall);
  }

  /**
   * Adds a listener that is told what happens here.
   *
   * @param listener the listener
   */
  public void addEventListener(PruningEventListener listener) {
    progress().add(listener);
  }

  /**
   * Says that training is over. Event listeners are told, a training that ends below its target is
   * warned of in the log, and removed weights that something has written to are set to zero again,
   * with a warning. (DL4J tells its listeners of the end of an epoch, but not of the end of {@code
   * fit}.)
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

  @Override
  public Fingerprint fingerprint() {
    return config.fingerprint();
  }

  /**
   * What this run has to remember to go on: masks, the schedule's value, and what is remembered for
   * the criterion.
   *
   * @return the state
   * @throws IllegalStateException if this listener prunes no network yet
   */
  public PruningState state() {
    warnIfReplaced();
    return attached().state();
  }

  /**
   * Writes {@link #state}. Save the network with its updater beside it.
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
   * configuration, to the loaded network first. Training then gives the same bits as if it had not
   * been interrupted.
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
    present.resume(PruningStateStream.read(in, present.expected()));
    present.zeroRemoved();
  }

  /** Reads a saved state. */
  @FunctionalInterface
  public interface StateReader {
    /**
     * Reads the state.
     *
     * @param expected the tensors that it may be for
     * @return the state
     * @throws IOException if it cannot be read, or is for other tensors
     */
    PruningState read(List<PruningStateStream.Expected> expected) throws IOException;
  }

  /**
   * Attaches this listener to a loaded network in the state that was saved with it, or not at all.
   * Weights stay as they are. If they may not be those that were saved with the state, call {@link
   * #applyMasks} after it.
   *
   * @param network the loaded network
   * @param reader reads the state of a run with the same configuration
   * @throws IOException if the state cannot be read
   * @throws IllegalArgumentException if it is of a run with another configuration
   * @throws IllegalStateException if this listener is attached already
   */
  public void resume(Model network, StateReader reader) throws IOException {
    requireFree();
    PruningRun loaded = newRun(network);
    loaded.resume(reader.read(loaded.expected()));
    start(loaded);
  }

  /**
   * As {@link #resume}, for the state of a run with another configuration; see {@link #takeOver}.
   *
   * @param network the loaded network
   * @param reader reads the state, which may be for some of the expected tensors ({@code
   *     Selection.SOME})
   * @throws IOException if the state cannot be read
   * @throws IllegalStateException if this listener is attached already
   */
  public void resumeWithChanges(Model network, StateReader reader) throws IOException {
    requireFree();
    PruningRun loaded = newRun(network);
    loaded.resumeWithChanges(reader.read(loaded.possible()));
    start(loaded);
  }

  @Override
  PruningRun newRun(Model network) {
    return new PruningRun(config, progress(), network);
  }

  @Override
  public String toString() {
    return "PruningListener[" + config + "]";
  }

  /**
   * Collects the choices. Every choice but the schedule has a default. Each method gives the
   * builder back.
   */
  public static final class Builder extends PruningConfigBuilder<Builder> {

    private Builder() {}

    @Override
    protected Builder self() {
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
      return new PruningListener(config());
    }
  }
}
