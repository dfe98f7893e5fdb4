package io.github.dl4jpruning.parallel;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.replicas.ReplicaPruning;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.factory.TrainerContext;
import org.deeplearning4j.parallelism.trainer.Trainer;

/**
 * Prunes a network while DL4J's {@code ParallelWrapper} trains it, with parameter averaging or
 * shared gradients and any number of workers.
 *
 * <pre>{@code
 * ParallelWrapper wrapper = new ParallelWrapper.Builder<>(network).workers(4).build();
 * ParallelPruning.attachTo(wrapper, pruning);
 * wrapper.fit(train);
 * }</pre>
 *
 * <p>An iteration is a round: one batch for each worker. The wrapper fires no epoch callbacks and
 * counts no epochs, so a schedule by epochs stands still unless the caller counts epochs ({@code
 * incrementEpochCount}). Truncated backpropagation through time is refused: it makes a number of
 * iterations that depends on the batch.
 */
public final class ParallelPruning {

  private ParallelPruning() {}

  /**
   * Attaches a listener that prunes the network of a wrapper, in front of the wrapper's other
   * listeners. Call this after the wrapper is built and before it trains. If an exception is
   * thrown, the wrapper is unchanged.
   *
   * @param wrapper the wrapper
   * @param pruning the listener; already attached to the wrapper's network, or to none
   * @throws IllegalArgumentException if an argument is null, or the network cannot be pruned, as in
   *     {@link PruningListener#attachTo}
   * @throws IllegalStateException if the wrapper is training, its network has another pruning
   *     listener, or this listener prunes another network
   */
  public static void attachTo(ParallelWrapper wrapper, PruningListener pruning) {
    if (wrapper == null || pruning == null) {
      throw new IllegalArgumentException(
          "expected a wrapper and a pruning listener, but found " + wrapper + " and " + pruning);
    }
    if (wrapper.getZoo() != null) {
      throw new IllegalStateException(
          "expected a wrapper that is not training yet, but this one already has workers");
    }
    List<TrainingListener> listeners = wrapper.getListeners();
    boolean another =
        listeners.stream()
            .anyMatch(
                listener ->
                    (listener instanceof ReplicaPruning replicas && !replicas.leads(pruning))
                        || (listener instanceof PruningListener && listener != pruning));
    if (another) {
      throw new IllegalStateException(
          "a network can have one pruning listener, but this wrapper's network already has one");
    }
    ReplicaPruning replicas =
        new ReplicaPruning(pruning, wrapper.getModel(), () -> checkLeader(wrapper));
    // An earlier wrapper leaves its listeners in the network, so there may be another one.
    listeners.removeIf(l -> l == pruning || l instanceof ReplicaPruning);
    listeners.add(0, replicas);
    wrapper.setTrainerContext(new CountingRounds(wrapper.getTrainerContext(), replicas));
  }

  /** Rethrows the failure of a worker, if it has failed. */
  private static void checkLeader(ParallelWrapper wrapper) {
    Trainer[] workers = wrapper.getZoo();
    if (workers != null && workers[0] != null) {
      boolean unused = workers[0].isRunning();
    }
  }

  /** Notifies the replicas that training begins, before any worker exists. */
  private record CountingRounds(TrainerContext context, ReplicaPruning replicas)
      implements TrainerContext {

    @Override
    public void init(Model model, Object... arguments) {
      replicas.trainingBegins();
      makeUpdater(model);
      context.init(model, arguments);
    }

    /**
     * Creates the original's updater before the workers start, to avoid a deadlock. DL4J drops this
     * updater at the end of a training. In the next training, a worker that copies it creates it
     * anew, and needs a lock for that. Another worker holds the lock while it trains the original,
     * and with shared gradients waits forever for the first.
     */
    private static void makeUpdater(Model model) {
      if (model instanceof MultiLayerNetwork network) {
        network.getUpdater();
      } else if (model instanceof ComputationGraph graph) {
        graph.getUpdater();
      }
    }

    @Override
    public Trainer create(
        String uuid,
        int worker,
        Model model,
        int device,
        boolean multiDataSets,
        ParallelWrapper wrapper,
        WorkspaceMode mode,
        int averagingFrequency) {
      return context.create(
          uuid, worker, model, device, multiDataSets, wrapper, mode, averagingFrequency);
    }

    @Override
    public void finalizeRound(Model original, Model... models) {
      context.finalizeRound(original, models);
    }

    @Override
    public void finalizeTraining(Model original, Model... models) {
      context.finalizeTraining(original, models);
    }
  }
}
