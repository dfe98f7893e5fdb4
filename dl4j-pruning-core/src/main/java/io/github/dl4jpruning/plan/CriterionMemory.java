package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream.Expected;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The memory of a criterion between updates: what it asks for, for each selected tensor. It is
 * saved and restored as part of a {@link PruningState}.
 */
public final class CriterionMemory {

  private final ImportanceCriterion criterion;
  private final NetworkParameters network;
  private final List<PrunableParameter> selected;

  private final Map<Memory, Recording> recordings = new EnumMap<>(Memory.class);

  /** Of which tensors the criterion has read the weights and the gradient since the last views. */
  private final boolean[] readsWeights;

  private final boolean[] readsGradient;

  /**
   * Makes a memory that starts now.
   *
   * @param criterion decides what is remembered
   * @param network the network
   * @param selected the parameters that are pruned
   * @throws IllegalArgumentException if the criterion asks for something that cannot be recorded
   *     for one of the parameters
   */
  public CriterionMemory(
      ImportanceCriterion criterion, NetworkParameters network, List<PrunableParameter> selected) {
    this.criterion = criterion;
    this.network = network;
    this.selected = selected;
    this.readsWeights = new boolean[selected.size()];
    this.readsGradient = new boolean[selected.size()];
    for (Memory memory : criterion.remembers()) {
      try {
        recordings.put(memory, Recording.of(memory, network, selected));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("criterion " + criterion + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * Looks at the inputs of the layers. Must be called in the backward pass of training, when they
   * are still in place.
   */
  public void backwardPass() {
    recordings.values().forEach(recording -> recording.backwardPass(network.iteration()));
  }

  /** Looks at one iteration. Must be called while the network has its raw gradient. */
  public void observe() {
    recordings.values().forEach(Recording::gradient);
  }

  /** Starts sums again, after masks have been made. */
  public void updateDone() {
    recordings.values().forEach(Recording::updateDone);
  }

  /**
   * Returns views of the selected tensors for a planner.
   *
   * @param masks the current masks
   * @param iteration the iteration of the schedule
   * @param scales whether the pattern needs the scales of batch normalisation
   * @return one view for each tensor; weights and gradients are read on demand
   */
  public List<TensorView> views(List<Mask> masks, int iteration, boolean scales) {
    Arrays.fill(readsWeights, false);
    Arrays.fill(readsGradient, false);
    return IntStream.range(0, selected.size())
        .mapToObj(
            p ->
                new TensorView(
                    tensor(p, iteration),
                    masks.get(p),
                    scales ? network.outputScales(selected.get(p)) : Optional.empty()))
        .toList();
  }

  /**
   * Checks the weights and the gradient that nothing has read since the views were made. Those that
   * were read were checked as they were copied.
   *
   * @throws IllegalStateException if one of them is NaN or infinite
   */
  public void checkUnread() {
    if (!all(readsWeights)) {
      network.checkWeightsFinite(selected);
    }
    if (!all(readsGradient)) {
      network.checkGradientFinite(selected);
    }
  }

  /**
   * Finds the reason why a planner failed: values that are not finite, if there are any.
   *
   * @param failure what a planner has thrown
   * @return the failed check of weights or gradient, or else the given failure
   */
  public RuntimeException causeOf(RuntimeException failure) {
    try {
      network.checkWeightsFinite(selected);
      network.checkGradientFinite(selected);
      return failure;
    } catch (IllegalStateException notFinite) {
      return notFinite;
    }
  }

  private static boolean all(boolean[] read) {
    for (boolean one : read) {
      if (!one) {
        return false;
      }
    }
    return true;
  }

  private WeightTensor tensor(int index, int iteration) {
    PrunableParameter parameter = selected.get(index);
    return new WeightTensor(
        parameter,
        iteration,
        () -> {
          readsWeights[index] = true;
          return network.finiteValues(parameter);
        },
        () -> {
          readsGradient[index] = true;
          return network.finiteGradients(parameter);
        },
        memory -> remembered(memory, index));
  }

  private double[] remembered(Memory memory, int index) {
    Recording recording = recordings.get(memory);
    if (recording == null) {
      throw new IllegalStateException(
          "the criterion "
              + criterion
              + " asks for "
              + memory
              + ", but its remembers() does not name it");
    }
    recording.requireReady();
    return recording.of(index);
  }

  private Map<Memory, double[]> kept(int index) {
    Map<Memory, double[]> kept = new EnumMap<>(Memory.class);
    recordings.forEach(
        (memory, recording) -> {
          if (recording.isKept(index)) {
            kept.put(memory, recording.of(index));
          }
        });
    return kept;
  }

  /**
   * Returns the state of each tensor, for saving.
   *
   * @param masks the current masks
   * @return one state for each tensor
   */
  public List<TensorState> states(List<Mask> masks) {
    List<TensorState> states = new ArrayList<>();
    for (int p = 0; p < selected.size(); p++) {
      PrunableParameter parameter = selected.get(p);
      states.add(new TensorState(parameter.name(), parameter.shape(), masks.get(p), kept(p)));
    }
    return states;
  }

  /**
   * Describes what a saved state must contain to fit.
   *
   * @return one description for each selected tensor
   */
  public List<Expected> expected() {
    return selected.stream().map(this::expected).toList();
  }

  /**
   * Describes what a saved state of another configuration may contain.
   *
   * @return one description for each parameter of the network
   */
  public List<Expected> possible() {
    return network.parameters().stream().map(this::expected).toList();
  }

  private Expected expected(PrunableParameter parameter) {
    return new Expected(
        parameter.name(), parameter.shape(), parameter.length(), criterion.remembers());
  }

  /**
   * Returns whether states contain what is remembered here, and nothing more.
   *
   * @param states one for each selected tensor
   * @return true if they fit
   */
  public boolean fits(List<TensorState> states) {
    return IntStream.range(0, selected.size())
        .allMatch(
            p ->
                states.get(p).remembered().keySet().equals(keptOf(p))
                    && states.get(p).remembered().values().stream()
                        .allMatch(values -> values.length == selected.get(p).length()));
  }

  private Set<Memory> keptOf(int index) {
    return recordings.entrySet().stream()
        .filter(entry -> entry.getValue().isKept(index))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /**
   * Restores the memory from states.
   *
   * @param states states that {@linkplain #fits fit}
   */
  public void restore(List<TensorState> states) {
    for (int p = 0; p < selected.size(); p++) {
      restoreIfFits(states.get(p), p);
    }
  }

  private void restoreIfFits(TensorState state, int index) {
    state
        .remembered()
        .forEach(
            (memory, values) -> {
              Recording recording = recordings.get(memory);
              if (recording != null
                  && recording.isKept(index)
                  && values.length == selected.get(index).length()) {
                recording.restore(index, values);
              }
            });
  }

  /**
   * The result of restoring the state of another configuration.
   *
   * @param masks a mask for each selected tensor; dense if the state has none
   * @param complete whether the state had exactly the selected tensors
   * @param lost names of tensors of the state that are not selected here
   */
  public record Matched(List<Mask> masks, boolean complete, List<String> lost) {
    /** Copies the lists. */
    public Matched {
      masks = List.copyOf(masks);
      lost = List.copyOf(lost);
    }
  }

  /**
   * Restores whatever fits by name and shape from the states of another configuration.
   *
   * @param states the tensors of the other configuration
   * @return the masks, and what did not fit
   */
  public Matched restoreMatching(List<TensorState> states) {
    List<TensorState> left = new ArrayList<>(states);
    List<Mask> masks = new ArrayList<>();
    boolean complete = states.size() == selected.size();
    for (int p = 0; p < selected.size(); p++) {
      PrunableParameter own = selected.get(p);
      Optional<TensorState> found =
          left.stream()
              .filter(t -> t.name().equals(own.name()) && t.shape().equals(own.shape()))
              .findFirst();
      complete &= found.isPresent();
      if (found.isPresent()) {
        left.remove(found.get());
        restoreIfFits(found.get(), p);
      }
      masks.add(found.map(TensorState::mask).orElseGet(() -> Mask.dense(own.length())));
    }
    return new Matched(masks, complete, left.stream().map(TensorState::name).toList());
  }
}
