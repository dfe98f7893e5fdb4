package io.github.dl4jpruning.watch;

import io.github.dl4jpruning.model.NetworkParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a pruning listener in the listener list of its network: it must be first, and the
 * only pruning listener. Logs each kind of problem once.
 */
public final class ListenerPlace {

  private static final Logger log = LoggerFactory.getLogger(ListenerPlace.class);

  private final NetworkPruner own;
  private boolean saidPlace;
  private boolean saidReplaced;
  private boolean saidCopy;

  /**
   * Creates the place of a listener.
   *
   * @param own the listener
   */
  public ListenerPlace(NetworkPruner own) {
    this.own = own;
  }

  /**
   * Puts the listener in front of the network's other listeners.
   *
   * @param network the network
   * @param present its listeners
   * @param leads tells whether a listener calls this one for replicas
   * @throws IllegalStateException if it is attached already, or another listener prunes this
   *     network
   */
  public void putFirst(
      Model network, List<TrainingListener> present, Predicate<TrainingListener> leads) {
    if (present.contains(own) && own.isAttachedTo(network)) {
      throw new IllegalStateException("this pruning listener is attached to this network already");
    }
    requireAlone(network, present, leads);
    // Pruners that a copy has inherited from its original would prune nothing. Leaders that are
    // left from a training with replicas would call this listener a second time.
    List<TrainingListener> listeners = new ArrayList<>();
    listeners.add(own);
    present.stream()
        .filter(l -> !(l instanceof NetworkPruner) && !(l instanceof ReplicaLeader))
        .forEach(listeners::add);
    if (present.stream().anyMatch(NetworkPruner.class::isInstance)) {
      NetworkParameters.of(network).separateListeners();
    }
    network.setListeners(listeners);
  }

  /**
   * Rejects a network that another listener prunes.
   *
   * @param network the network
   * @param present its listeners
   * @param leads tells whether a listener calls this one for replicas
   * @throws IllegalStateException if there is such a listener
   */
  public void requireAlone(
      Model network, List<TrainingListener> present, Predicate<TrainingListener> leads) {
    for (TrainingListener listener : present) {
      if (isAnother(listener, network, leads)) {
        throw new IllegalStateException(
            "a network can have one pruning listener, but this network has one already"
                + differences(listener));
      }
    }
  }

  /**
   * Returns whether another listener prunes the network. A copy of a network (DL4J's clone) has the
   * list of its original, whose listener does not count.
   */
  private boolean isAnother(
      TrainingListener listener, Model network, Predicate<TrainingListener> leads) {
    if (listener instanceof NetworkPruner other) {
      return other != own && (!other.isAttached() || other.isAttachedTo(network));
    }
    return listener instanceof ReplicaLeader && !leads.test(listener);
  }

  private String differences(TrainingListener listener) {
    if (!(listener instanceof NetworkPruner other)) {
      return "";
    }
    String fingerprint = other.fingerprint().toString();
    return fingerprint.equals(own.fingerprint().toString())
        ? ", with the same configuration: continue with it, or take over from it (takeOver)"
        : "; they differ in "
            + own.fingerprint().differences(fingerprint)
            + ". To go on with the new configuration from the masks of the old one, call takeOver";
  }

  /**
   * Checks the list of listeners, which may change at any time.
   *
   * @param listeners the listeners of the network
   * @throws IllegalStateException if more than one of them prunes
   */
  public void check(List<TrainingListener> listeners) {
    if (listeners.isEmpty() || (listeners.get(0) == own && listeners.size() == 1)) {
      return;
    }
    long prunes =
        listeners.stream()
            .filter(l -> l instanceof NetworkPruner || l instanceof ReplicaLeader)
            .count();
    if (prunes > 1) {
      throw new IllegalStateException(
          "a network can have one pruning listener, but this network has more");
    }
    if (!saidPlace && listeners.indexOf(own) > 0) {
      saidPlace = true;
      log.warn(
          "The pruning listener comes after {}, which may see (and save) weights that are not"
              + " pruned. Use attachTo(network), which puts it first.",
          listeners.get(0).getClass().getSimpleName());
    }
  }

  /**
   * Returns whether a network trains without the listener.
   *
   * @param present the listeners of the network
   * @return true if the list is not empty, and has neither the listener nor one that calls it
   */
  public boolean isMissing(List<TrainingListener> present) {
    return !present.isEmpty()
        && present.stream()
            .noneMatch(l -> l == own || (l instanceof ReplicaLeader leader && leader.leads(own)));
  }

  /** Warns that the listener is no longer in the list of its network. */
  public void warnOfReplacement() {
    if (!saidReplaced) {
      saidReplaced = true;
      log.warn(
          "This pruning listener is not among the listeners of its network, so it prunes"
              + " nothing: setListeners has replaced it. Call attachTo after setListeners, or use"
              + " addListeners.");
    }
  }

  /**
   * Warns that a copy of the network is trained without masks. DL4J's clone of a graph still has
   * the listener in its list.
   *
   * @param trained a network that called the listener
   */
  public void noticeCopy(Model trained) {
    if (!saidCopy && trained instanceof NeuralNetwork && !own.isAttachedTo(trained)) {
      saidCopy = true;
      log.warn(
          "A copy of the pruned network is being trained, and it is not pruned: this listener holds"
              + " the masks of the original alone. Build a listener, attach it to the copy, and"
              + " call adoptZeros to keep the zeros that it has.");
    }
  }
}
