package io.github.dl4jpruning.allocate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Separate targets for some layers; another distribution distributes the rest of the total. See
 * {@link SparsityDistribution#withTarget}.
 *
 * @param targets the targets, by layer before by type; the first one that matches a layer applies
 * @param others the distribution of the rest
 */
public record TargetsDistribution(List<LayerTarget> targets, SparsityDistribution others)
    implements SparsityDistribution {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no target, a name has two targets, or the other
   *     distribution is null, has a floor, or sets its own total
   */
  public TargetsDistribution {
    if (targets == null || targets.isEmpty() || others == null) {
      throw new IllegalArgumentException(
          "expected at least one target and a distribution for the others, but found "
              + targets
              + " and "
              + others);
    }
    if (!others.sharesTotal() || others instanceof FloorDistribution) {
      throw new IllegalArgumentException(
          "targets need a distribution that shares out a total; put a budget or a floor around"
              + " them, and leave a threshold alone, but found "
              + others);
    }
    // A stable sort: a target by layer is more specific than one by type.
    targets = targets.stream().sorted(Comparator.comparing(LayerTarget::by)).toList();
    long names = targets.stream().map(target -> target.by() + target.name()).distinct().count();
    if (names < targets.size()) {
      throw new IllegalArgumentException("expected one target for each name, but found " + targets);
    }
  }

  static TargetsDistribution over(SparsityDistribution others, LayerTarget target) {
    if (others instanceof TargetsDistribution more) {
      List<LayerTarget> all = new ArrayList<>(more.targets);
      all.add(target);
      return new TargetsDistribution(all, more.others);
    }
    return new TargetsDistribution(List.of(target), others);
  }

  @Override
  public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
    for (LayerTarget target : targets) {
      if (tensors.stream().noneMatch(tensor -> target.isFor(tensor.parameter()))) {
        throw new IllegalArgumentException(
            "expected a layer that matches "
                + target.name()
                + ", which has a target, but the parameters are "
                + tensors.stream().map(tensor -> tensor.parameter().name()).toList());
      }
    }
    double progress = due.knownProgress(this);
    List<RemovalPool> pools = new ArrayList<>();
    List<Integer> rest = new ArrayList<>();
    double taken = 0;
    for (int t = 0; t < tensors.size(); t++) {
      Contender tensor = tensors.get(t);
      Optional<LayerTarget> own =
          targets.stream().filter(target -> target.isFor(tensor.parameter())).findFirst();
      if (own.isPresent()) {
        double removed = Math.floor(own.get().sparsity() * progress * tensor.weights() + 0.5);
        pools.add(RemovalPool.of(t, tensor, removed));
        taken += pools.get(pools.size() - 1).removed();
      } else {
        rest.add(t);
      }
    }
    if (!rest.isEmpty()) {
      List<Contender> others = rest.stream().map(tensors::get).toList();
      double sparsity =
          leftFor(
              others,
              tensors.size() - rest.size(),
              Shares.total(tensors, due.sparsity()) - taken,
              due);
      for (RemovalPool pool : this.others.allocate(others, new Due(sparsity, progress))) {
        List<Integer> indices = pool.tensors().stream().map(rest::get).toList();
        pools.add(new RemovalPool(indices, pool.removed(), pool.keep()));
      }
    }
    return pools;
  }

  /** Returns the sparsity of the remaining tensors that gives the required total. */
  private double leftFor(List<Contender> rest, int targeted, double due, Due of) {
    long weights = rest.stream().mapToLong(Contender::weights).sum();
    double most = weights - rest.size();
    // Each target was rounded on its own.
    double rounding = 0.5 + 0.5 * targeted;
    if (due < -rounding || due > most + rounding) {
      throw new IllegalArgumentException(
          "a total sparsity of "
              + of.sparsity()
              + " cannot be met with the targets "
              + targets
              + ": the other layers ("
              + rest.stream().map(tensor -> tensor.parameter().name()).toList()
              + ") would have to lose "
              + Math.round(due)
              + " of their "
              + weights
              + " weights, "
              + (due < 0 ? Math.round(-due) + " too few" : Math.round(due - most) + " too many"));
    }
    return Math.max(0.0, Math.min(due, most)) / weights;
  }

  @Override
  public boolean needsDeviations() {
    return others.needsDeviations();
  }

  @Override
  public boolean needsProgress() {
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(others.toString());
    for (LayerTarget target : targets) {
      text.append(", ").append(target.name()).append(" at ").append(target.sparsity());
    }
    return text.toString();
  }
}
