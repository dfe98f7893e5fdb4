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
 * the least important ones. It does so in {@link #onGradientCalculation}, when the gradient has
 * been computed but no parameter has been updated yet. From then on it sets the gradient of removed
 * weights to zero before clipping, regularisation and the updater see it. It keeps the updater
 * state of removed weights at its initial value, and sets the weights to zero again after every
 * optimizer step. So after each iteration every removed weight is exactly zero, and every other
 * parameter has the value that DL4J computed. This holds for all updaters, regularisations and
 * clippings, as long as gradients are finite. A constraint that does not preserve zeros (UnitNorm)
 * is rejected.
 *
 * <p>By default a removed weight stays removed. A {@link MaskRule} may let weights return, and
 * {@link MaskRule#hardThresholding} keeps the gradient of removed weights and only sets the weights
 * to zero, after each step.
 *
 * <p>One listener prunes one network, trained by one thread at a time. For replicas that train at
 * the same time, see {@code ReplicaPruning}.
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
   * Starts building a listener. Only {@link Builder#schedule} is required.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Creates a listener from a configuration, for instance one that was read from a recipe.
   *
   * @param config how to prune
   * @return a listener that is not attached to a network yet
   */
  public static PruningListener of(PruningConfig config) {
    if (config == null) {
      throw new IllegalArgumentException("config must be set, but is null");
    }
    return new PruningListener(config);
  }

  /**
   * Creates a listener that removes nothing more and keeps removed weights at zero, for fine-tuning
   * and transfer learning. Attach it to a network that was pruned before, and call {@link
   * #adoptZeros}.
   *
   * @return a listener that is not attached to a network yet
   */
  public static PruningListener fineTuning() {
    return builder().schedule(SparsitySchedules.constant(0.0)).build();
  }

  /**
   * Takes over from another listener, with another configuration. The masks are kept, and so is the
   * state of the criterion if the new criterion uses it. While the new schedule is below the
   * present sparsity, nothing is removed.
   *
   * @param previous the listener that has pruned a network until now; this call detaches it
   * @throws IllegalStateException if the other listener is not attached to a network, or this one
   *     already is
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
   * Treats all weights that are zero now as removed, as in a network that was pruned before and
   * loaded from an ordinary DL4J file. They stay zero from now on, and count towards the scheduled
   * sparsity. A tensor that is entirely zero, such as a new output layer, is taken as untrained:
   * none of its weights count as removed, and a warning names it.
   *
   * @return how many of the selected weights are removed now
   * @throws IllegalStateException if this listener does not prune a network yet, or its rule
   *     chooses removed weights afresh (regrow, hard thresholding), so that zeros would not stay
   *     zero
   */
  public long adoptZeros() {
    if (config.rule().followsFalls()) {
      throw new IllegalStateException(
          "expected a rule by which removed weights stay removed, but "
              + config.rule()
              + " chooses again at each update, so the zeros of the network would not hold");
    }
    return attached().adoptZeros();
  }

  /**
   * Returns the present sparsity, measured in the network.
   *
   * @return the fraction of the selected weights that the masks have removed and that are zero, in
   *     [0, 1); 0 before the first update
   */
  public double sparsity() {
    warnIfReplaced();
    return run().map(PruningRun::sparsity).orElse(0.0);
  }

  /**
   * Returns whether the network has the highest sparsity of the schedule: its masks were made for
   * that sparsity, and all removed weights are zero. If the highest sparsity of the schedule is
   * unknown, the network counts as at target while the schedule is constant.
   *
   * @return true if so; false while this listener does not prune a network
   */
  public boolean isAtTarget() {
    return run().map(PruningRun::isAtTarget).orElse(false);
  }

  /**
   * Returns the present masks.
   *
   * @return one for each selected parameter, in the order of their offsets
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public List<Mask> masks() {
    return attached().masks();
  }

  /**
   * Applies masks that were made elsewhere. Removed weights become zero. While the schedule is
   * below {@code scheduled}, nothing more is removed.
   *
   * @param masks one for each selected parameter, in the order of their offsets
   * @param scheduled the value of the schedule that the masks are for, in [0, 1)
   * @throws IllegalArgumentException if the masks do not fit the selected parameters, or the value
   *     is out of range; nothing is changed then
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public void holdMasks(List<Mask> masks, double scheduled) {
    attached().hold(masks, scheduled);
  }

  /**
   * Sets all removed weights to zero, and their updater state to its initial value. Use it after
   * something else has written to the weights, for instance set averaged weights at the end.
   *
   * @return how many removed weights were not zero
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public long applyMasks() {
    return attached().applyMasks();
  }

  /**
   * Describes the removed weights that are not zero because something else has written to them.
   *
   * @return a sentence with counts and a layer; empty if all removed weights are zero
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public Optional<String> movedWeights() {
    return attached().movedWeights();
  }

  /** Returns whether the highest sparsity of the schedule is known. */
  boolean knowsTarget() {
    return progress().target().isPresent();
  }

  /** Returns a message if training ended now, below the target. */
  Optional<String> shortfall() {
    return run().flatMap(PruningRun::shortfall);
  }

  /**
   * Adds a listener for the events of this listener.
   *
   * @param listener the listener
   */
  public void addEventListener(PruningEventListener listener) {
    progress().add(listener);
  }

  /**
   * Ends the training. Notifies event listeners, logs a warning if the target was not reached, and
   * sets removed weights that something else has written to back to zero, with a warning. (DL4J
   * notifies its listeners of the end of an epoch, but not of the end of {@code fit}.)
   *
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public void finish() {
    warnIfReplaced();
    attached().finished();
  }

  /**
   * Returns how this listener prunes.
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
   * Returns the state that is needed to resume this run: the masks, the value of the schedule, and
   * the state of the criterion.
   *
   * @return the state
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public PruningState state() {
    warnIfReplaced();
    return attached().state();
  }

  /**
   * Writes {@link #state}. Save the network with its updater alongside.
   *
   * @param out the target; not closed
   * @throws IOException if writing fails
   * @throws IllegalStateException if this listener does not prune a network yet
   */
  public void writeState(OutputStream out) throws IOException {
    PruningStateStream.write(state(), out);
  }

  /**
   * Resumes from a state that {@link #writeState} wrote. First attach this listener, built with the
   * same configuration, to the loaded network. Training is then bit-identical to an uninterrupted
   * run.
   *
   * @param in the source; not closed
   * @throws IOException if the input is not a pruning state, is for another network, or is damaged;
   *     nothing is changed then
   * @throws IllegalArgumentException if the state comes from a run with another configuration; the
   *     message names the differences, and nothing is changed
   * @throws IllegalStateException if this listener does not prune a network yet
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
     * @param expected the tensors that the state may be for
     * @return the state
     * @throws IOException if the state cannot be read, or is for other tensors
     */
    PruningState read(List<PruningStateStream.Expected> expected) throws IOException;
  }

  /**
   * Attaches this listener to a loaded network and restores the state that was saved with it. If
   * this fails, nothing is attached. Weights are left as they are. If they may differ from the
   * weights that were saved with the state, call {@link #applyMasks} afterwards.
   *
   * @param network the loaded network
   * @param reader reads the state of a run with the same configuration
   * @throws IOException if the state cannot be read
   * @throws IllegalArgumentException if the state comes from a run with another configuration
   * @throws IllegalStateException if this listener is attached already
   */
  public void resume(Model network, StateReader reader) throws IOException {
    requireFree();
    PruningRun loaded = newRun(network);
    loaded.resume(reader.read(loaded.expected()));
    start(loaded);
  }

  /**
   * Like {@link #resume}, but for the state of a run with another configuration; see {@link
   * #takeOver}.
   *
   * @param network the loaded network
   * @param reader reads the state, which may be for only some of the expected tensors ({@code
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
   * Collects the choices. Every choice except the schedule has a default. Each method returns the
   * builder.
   */
  public static final class Builder extends PruningConfigBuilder<Builder> {

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Builds the listener.
     *
     * @return a listener that is not attached to a network yet
     * @throws IllegalArgumentException if the schedule is not set, {@code updateEvery} is below 1,
     *     another choice is null, or two choices are not compatible
     */
    public PruningListener build() {
      return new PruningListener(config());
    }
  }
}
