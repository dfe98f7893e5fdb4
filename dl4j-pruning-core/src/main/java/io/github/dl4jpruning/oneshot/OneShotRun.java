package io.github.dl4jpruning.oneshot;

import io.github.dl4jpruning.activations.BatchStatistics;
import io.github.dl4jpruning.activations.Calibration;
import io.github.dl4jpruning.activations.LinearLayer;
import io.github.dl4jpruning.activations.LinearLayers;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.plan.Planner;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.plan.TensorPlanner;
import io.github.dl4jpruning.plan.TensorView;
import io.github.dl4jpruning.reconstruct.BestSubset;
import io.github.dl4jpruning.reconstruct.Compensation;
import io.github.dl4jpruning.reconstruct.PairedMoments;
import io.github.dl4jpruning.reconstruct.SecondMoments;
import io.github.dl4jpruning.reconstruct.SingularMatrixException;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;

/** One run of a {@link OneShotPruner}. */
final class OneShotRun<M extends Model> {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final OneShotSettings settings;
  private final Calibration calibration;
  private final NetworkParameters original;
  private final M pruned;
  private final NetworkParameters network;
  private final Planner planner;
  private final UntrainedTensors tensors;

  /** Scores by parameter, on the network that was given. */
  private final Map<PrunableParameter, double[]> scores = new LinkedHashMap<>();

  private final Map<PrunableParameter, Mask> masks = new LinkedHashMap<>();

  /** Whether a layer before the present one has changed. */
  private boolean changed;

  @SuppressWarnings("unchecked") // a copy is of the same type
  OneShotRun(OneShotSettings settings, M given, TrainingData data) {
    this.settings = settings;
    this.calibration = new Calibration(data, settings.cancelled());
    NetworkParameters parameters = NetworkParameters.of(given);
    parameters.checkWeightsFinite(parameters.parameters());
    this.original = NetworkParameters.of(NetworkMaker.copyOf(given)); // forward passes leave traces
    this.pruned = (M) NetworkMaker.copyOf(given);
    this.network = NetworkParameters.of(pruned);
    this.planner = Planner.of(scored(settings.choices()), network);
    this.tensors = new UntrainedTensors(settings.choices().criterion(), network, data, calibration);
  }

  /** Returns the same choices with the scores of this run. */
  private PruningChoices scored(PruningChoices choices) {
    return settings.ranking() == Ranking.CRITERION
        ? choices
        : new PruningChoices(
            tensor -> Objects.requireNonNull(scores.get(tensor.parameter())).clone(),
            choices.distribution(),
            choices.pattern(),
            MaskRule.monotone(),
            choices.parameters());
  }

  OneShotResult<M> run() {
    List<PrunableParameter> selected = planner.selected();
    if (settings.ranking() != Ranking.CRITERION) {
      score(selected);
    }
    List<Mask> planned =
        planner.plan(
            selected.stream().map(this::view).toList(),
            Optional.of(new Due(settings.sparsity(), 1.0)),
            0);
    for (int i = 0; i < planned.size(); i++) {
      masks.put(selected.get(i), planned.get(i));
    }
    scores.clear(); // as large as the network, in double; chosen anew layer by layer
    List<String> layers =
        network.parameters().stream().map(PrunableParameter::layer).distinct().toList();
    List<LayerReport> reports = new ArrayList<>();
    int all = (int) layers.stream().filter(this::isPruned).count();
    for (String layer : layers) {
      boolean follows = settings.recalibrate() && changed;
      if (isPruned(layer)) {
        LayerReport report = prune(layer);
        reports.add(report);
        settings.listeners().forEach(l -> l.onLayer(report, reports.size(), all));
      }
      if (follows) {
        BatchStatistics.follow(layer, original, network, calibration);
      }
    }
    return new OneShotResult<>(
        pruned, planner.sparsity(selected.stream().map(masks::get).toList()), reports);
  }

  /** With coupled channels, layers that read no removed channel and lose none stay as they are. */
  private boolean isPruned(String layer) {
    boolean coupled = settings.choices().pattern().coupled();
    return planner.selected().stream()
        .filter(parameter -> parameter.layer().equals(layer))
        .anyMatch(p -> !coupled || Objects.requireNonNull(masks.get(p)).removed() > 0);
  }

  private TensorView view(PrunableParameter parameter) {
    return new TensorView(
        tensors.of(parameter), Mask.dense(parameter.length()), network.outputScales(parameter));
  }

  private void score(List<PrunableParameter> selected) {
    for (String layer : selected.stream().map(PrunableParameter::layer).distinct().toList()) {
      Optional<LinearLayer> linear = LinearLayers.of(network, layer);
      Optional<double[][]> rows = linear.map(l -> scores(l, calibration.moments(network, l)));
      for (PrunableParameter parameter : selected) {
        if (parameter.layer().equals(layer)) {
          boolean inside = linear.isPresent() && linear.get().has(parameter);
          scores.put(
              parameter,
              inside
                  ? linear.get().flat(parameter, rows.orElseThrow())
                  : LayerScores.ofOthers(settings.ranking(), squares(parameter)));
        }
      }
    }
  }

  private double[][] scores(LinearLayer layer, SecondMoments moments) {
    try {
      return LayerScores.of(
          settings.ranking(), layer.weights(network), moments, settings.damping());
    } catch (SingularMatrixException e) {
      throw new IllegalArgumentException(layer.name() + ": " + e.getMessage(), e);
    }
  }

  /** Returns w² as a part of Σ w²: the cost if all inputs are alike and independent. */
  private double[] squares(PrunableParameter parameter) {
    double[] values = network.finiteValues(parameter);
    double sum = Arrays.stream(values).map(w -> w * w).sum();
    return Arrays.stream(values).map(w -> sum > 0 ? w * w / sum : 0).toArray();
  }

  /** The errors of a layer's output before and after its weights were corrected. */
  private record Errors(double before, double after) {
    static final Errors UNKNOWN = new Errors(Double.NaN, Double.NaN);
  }

  private LayerReport prune(String layer) {
    long start = System.nanoTime();
    Optional<LinearLayer> linear = LinearLayers.of(network, layer);
    Errors errors = linear.map(this::rewrite).orElse(Errors.UNKNOWN);
    String type = "";
    long count = 0;
    long removed = 0;
    for (PrunableParameter parameter : planner.selected()) {
      if (parameter.layer().equals(layer)) {
        type = parameter.layerType();
        Mask mask = Objects.requireNonNull(masks.get(parameter));
        removeFrom(parameter, mask);
        count += mask.length();
        removed += mask.removed();
      }
    }
    changed |= removed > 0;
    return new LayerReport(
        layer,
        type,
        count,
        removed,
        errors.before(),
        errors.after(),
        settings.compensate() && linear.isPresent(),
        (System.nanoTime() - start) / NANOS_PER_MILLI);
  }

  /** Writes what is left of a layer, corrected if that is wanted. */
  private Errors rewrite(LinearLayer layer) {
    PairedMoments moments =
        changed
            ? calibration.paired(original, network, layer)
            : PairedMoments.same(calibration.moments(network, layer));
    if (!chooseFromAll(layer, moments) && changed) {
      choose(layer, moments.now());
    }
    double[][] weights = layer.weights(network);
    boolean[][] kept = layer.kept(parameter -> Optional.ofNullable(masks.get(parameter)));
    double energy = moments.energy(weights);
    if (!settings.compensate()) {
      double[][] plain = masked(weights, kept);
      double[] none = new double[moments.now().size()];
      layer.write(network, weights, plain, none, none);
      double error = moments.error(weights, plain) + shift(weights, plain, moments);
      return new Errors(part(error, energy), part(error, energy));
    }
    double before = part(moments.error(weights, masked(weights, kept)), energy);
    double[][] values = corrected(layer, weights, kept, moments);
    layer.write(network, weights, values, moments.before().means(), moments.now().means());
    return new Errors(before, part(moments.error(weights, values), energy));
  }

  /** Returns the squared change of the mean outputs, which nothing takes up. */
  private static double shift(double[][] weights, double[][] values, PairedMoments moments) {
    double sum = 0;
    for (int r = 0; r < weights.length; r++) {
      double mean = 0;
      for (int i = 0; i < weights[r].length; i++) {
        mean +=
            values[r][i] * moments.now().means()[i] - weights[r][i] * moments.before().means()[i];
      }
      sum += mean * mean;
    }
    return sum;
  }

  /** Zeros are written for all layers, also those that are not corrected. */
  private void removeFrom(PrunableParameter parameter, Mask mask) {
    double[] values = network.finiteValues(parameter);
    for (int i = 0; i < values.length; i++) {
      values[i] = mask.isKept(i) ? values[i] : 0.0;
    }
    NetworkStore.setValues(network, parameter, values);
  }

  private Optional<boolean[][]> bestSubset(LinearLayer layer, PairedMoments moments, int removed) {
    try {
      return BestSubset.of(layer.weights(network), moments, settings.damping(), removed);
    } catch (SingularMatrixException e) {
      throw new IllegalArgumentException(layer.name() + ": " + e.getMessage(), e);
    }
  }

  private double[][] corrected(
      LinearLayer layer, double[][] weights, boolean[][] kept, PairedMoments moments) {
    try {
      return Compensation.of(weights, kept, moments, settings.damping());
    } catch (SingularMatrixException e) {
      throw new IllegalArgumentException(layer.name() + ": " + e.getMessage(), e);
    }
  }

  /** Chooses the same number of weights by trying all masks, if the rows are small enough. */
  private boolean chooseFromAll(LinearLayer layer, PairedMoments moments) {
    PrunableParameter parameter = layer.blocks().get(0).parameter();
    Optional<Mask> mask = Optional.ofNullable(masks.get(parameter));
    if (settings.ranking() != Ranking.RECONSTRUCTION
        || !settings.compensate()
        || !settings.choices().pattern().equals(SparsityPattern.unstructured())
        || layer.blocks().size() > 1
        || mask.isEmpty()) {
      return false;
    }
    Optional<boolean[][]> kept = bestSubset(layer, moments, mask.get().removed());
    kept.ifPresent(rows -> masks.put(parameter, layer.mask(rows)));
    return kept.isPresent();
  }

  /** Chooses the same number of weights of each tensor anew, by the inputs as they are now. */
  private void choose(LinearLayer layer, SecondMoments moments) {
    if (settings.ranking() == Ranking.CRITERION || settings.choices().pattern().coupled()) {
      return;
    }
    double[][] rows = scores(layer, moments);
    PruningChoices one = scored(settings.choices()).with(SparsityDistribution.global());
    for (LinearLayer.Block block : layer.blocks()) {
      PrunableParameter parameter = block.parameter();
      Mask mask = masks.get(parameter);
      if (mask == null || mask.removed() == 0) {
        continue;
      }
      scores.put(parameter, layer.flat(parameter, rows));
      Due due = new Due((double) mask.removed() / mask.length(), 1.0);
      Mask next =
          new TensorPlanner(one, List.of(parameter))
              .plan(List.of(view(parameter)), Optional.of(due), 0)
              .get(0);
      if (next.removed() == mask.removed()) {
        masks.put(parameter, next);
      }
      scores.remove(parameter);
    }
  }

  private static double[][] masked(double[][] weights, boolean[][] kept) {
    double[][] masked = new double[weights.length][];
    for (int r = 0; r < weights.length; r++) {
      masked[r] = weights[r].clone();
      for (int c = 0; c < masked[r].length; c++) {
        masked[r][c] = kept[r][c] ? masked[r][c] : 0.0;
      }
    }
    return masked;
  }

  /** Returns the squared error as a part of what the layer gave before. */
  private static double part(double error, double energy) {
    return energy > 0 ? error / energy : 0;
  }
}
