package io.github.dl4jpruning.replicas;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.TrainingRequirements;
import io.github.dl4jpruning.watch.ReplicaLeader;
import java.util.IdentityHashMap;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * Prunes a network of which several replicas train at the same time, each in its own thread. They
 * train in rounds of one batch per replica. The original network is one of the replicas and leads:
 * masks are only made from its weights and gradient, and every replica applies the masks of its
 * round before its step. So after a round all replicas have the same removed weights, and so has
 * their average.
 *
 * <p>This class is independent of the trainer; for {@code ParallelWrapper} use {@code
 * ParallelPruning} of the module dl4j-pruning-parallel.
 *
 * <p>A replica waits for the leader of its round, in {@link #onGradientCalculation}. Criteria with
 * a memory (such as movement) only see the leader's steps. Thread-safe.
 */
public final class ReplicaPruning extends BaseTrainingListener implements ReplicaLeader {

  private static final long PATIENCE_MILLIS = 50;

  private final PruningListener pruning;
  private final Model original;
  private final Runnable checkLeader;

  // All of these are guarded by this object's lock.
  // By identity, since DL4J treats two networks with the same values as equal.
  private final IdentityHashMap<Model, Replica> replicas = new IdentityHashMap<>();
  private List<Mask> masksAtStart = List.of();
  private List<Mask> masksMade = List.of();
  private List<Mask> masksDone = List.of();
  private int leaderMade;
  private int leaderDone;
  private int training;
  private @Nullable RuntimeException failure;

  /**
   * Binds a listener to the network that leads.
   *
   * @param pruning a listener that is attached to this network, or not attached yet
   * @param original the network that leads; it must be one of the networks that train
   * @param checkLeader called while a replica waits; throws if the leader has stopped
   * @throws IllegalArgumentException if the network cannot be pruned (see {@link
   *     PruningListener#attachTo}), truncates backpropagation through time, or has an updater that
   *     is not equal to its copy
   * @throws IllegalStateException if the listener prunes another network
   */
  public ReplicaPruning(PruningListener pruning, Model original, Runnable checkLeader) {
    if (pruning == null || original == null || checkLeader == null) {
      throw new IllegalArgumentException(
          "expected a pruning listener, a network and a check, but one of them is null");
    }
    TrainingRequirements required = new TrainingRequirements(NetworkParameters.of(original));
    required.checkOneIterationPerBatch();
    required.checkCopiesKeepUpdaterState();
    pruning.bindTo(original);
    this.pruning = pruning;
    this.original = original;
    this.checkLeader = checkLeader;
  }

  /** Must be called before each training; restarts the count of rounds. */
  public synchronized void trainingBegins() {
    training++;
    replicas.clear();
    leaderMade = 0;
    leaderDone = 0;
    failure = null;
    masksAtStart = pruning.masks();
    notifyAll();
  }

  @Override
  public boolean leads(TrainingListener listener) {
    return listener == pruning;
  }

  @Override
  public void onBackwardPass(Model model) {
    if (model == original) {
      pruning.onBackwardPass(model);
    }
  }

  @Override
  public void onGradientCalculation(Model model) {
    if (model == original) {
      try {
        pruning.onGradientCalculation(model);
      } catch (RuntimeException e) {
        fail(e);
        throw e;
      }
      leaderMadeMasks();
      return;
    }
    Replica replica = replica(model);
    replica.rounds++;
    replica.run.beforeStep(await(replica, false));
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    if (model == original) {
      try {
        pruning.iterationDone(model, iteration, epoch);
      } catch (RuntimeException e) {
        fail(e);
        throw e;
      }
      leaderHasDone();
      return;
    }
    Replica replica = replica(model);
    // Only hard thresholding makes new masks after the step.
    replica.run.afterStep(replica.run.thresholdsEveryStep() ? await(replica, true) : List.of());
  }

  @Override
  public void onEpochEnd(Model model) {
    if (model == original) {
      pruning.onEpochEnd(model);
    }
  }

  private synchronized Replica replica(Model model) {
    return replicas.computeIfAbsent(
        model,
        m -> {
          Replica made = new Replica(new ReplicaRun(pruning.config().choices(), m), training);
          made.run.startWith(masksAtStart);
          return made;
        });
  }

  private synchronized void leaderMadeMasks() {
    leaderMade++;
    masksMade = pruning.masks();
    notifyAll();
  }

  private synchronized void leaderHasDone() {
    leaderDone++;
    masksDone = pruning.masks();
    notifyAll();
  }

  private synchronized void fail(RuntimeException cause) {
    failure = cause;
    notifyAll();
  }

  /** Waits for the masks of the replica's round, from before or after the leader's step. */
  private synchronized List<Mask> await(Replica replica, boolean untilDone) {
    while ((untilDone ? leaderDone : leaderMade) < replica.rounds) {
      if (failure != null || training != replica.training) {
        throw new IllegalStateException(
            "the replica that leads has failed, so this one has no masks"
                + (failure == null ? "" : ": " + failure.getMessage()),
            failure);
      }
      try {
        wait(PATIENCE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(
            "interrupted while waiting for the masks of the replica that leads", e);
      }
      checkLeader.run();
    }
    return untilDone ? masksDone : masksMade;
  }

  /** A replica that follows. Only one thread uses it, apart from the map that holds it. */
  private static final class Replica {
    private final ReplicaRun run;
    private final int training;
    private int rounds;

    Replica(ReplicaRun run, int training) {
      this.run = run;
      this.training = training;
    }
  }
}
