package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.recipe.Fingerprint;
import io.github.dl4jpruning.recipe.RecipeNode;
import io.github.dl4jpruning.recipe.RecipeText;
import io.github.dl4jpruning.recipe.ScheduleRecipe;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The configuration of a pruning run. Immutable; built by {@link PruningListener#builder()} or read
 * from a recipe.
 *
 * @param timing when masks change, and to what sparsity
 * @param choices what is pruned, and how weights are chosen
 */
public record PruningConfig(UpdateTiming timing, PruningChoices choices) {

  private static final String SCHEDULE = "schedule";
  private static final String UPDATE_EVERY = "updateEvery";
  private static final String COUNT_FROM = "countFrom";

  /**
   * Checks that both are set and compatible.
   *
   * @throws IllegalArgumentException if one of them is null, or they are not compatible
   */
  public PruningConfig {
    if (timing == null) {
      throw new IllegalArgumentException("timing must be set, but is null");
    }
    if (choices == null) {
      throw new IllegalArgumentException("choices must be set, but are null");
    }
    SparsitySchedule known =
        timing.schedule() instanceof SparsitySchedule schedule ? schedule : null;
    if (known != null && known.falls() && !choices.rule().followsFalls()) {
      throw new IllegalArgumentException(
          "the schedule falls, so weights have to return, but the rule is "
              + choices.rule()
              + "; regrow lets them return");
    }
    if (known == null && choices.distribution().needsProgress()) {
      throw new IllegalArgumentException(
          "the distribution ("
              + choices.distribution()
              + ") needs to know the peak of the schedule, but this schedule does not give it; wrap"
              + " it in SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
  }

  /**
   * Returns the criterion that scores the weights.
   *
   * @return the criterion
   */
  public ImportanceCriterion criterion() {
    return choices.criterion();
  }

  /**
   * Returns how the sparsity is distributed over the tensors.
   *
   * @return the distribution
   */
  public SparsityDistribution distribution() {
    return choices.distribution();
  }

  /**
   * Returns the units that are removed as a whole.
   *
   * @return the pattern
   */
  public SparsityPattern pattern() {
    return choices.pattern();
  }

  /**
   * Returns how masks may change.
   *
   * @return the rule
   */
  public MaskRule rule() {
    return choices.rule();
  }

  /**
   * Returns which parameters are pruned.
   *
   * @return the filter
   */
  public ParameterFilter parameters() {
    return choices.parameters();
  }

  /**
   * Reads a recipe in YAML. Only {@code schedule} is required; unknown keys are rejected.
   *
   * <pre>{@code
   * schedule:
   *   polynomial: {from: 0, to: 0.9, begin: 2 epochs, end: 10 epochs}
   * updateEvery: 50
   * criterion: magnitude
   * distribution: {floor: {neverAbove: 0.99, of: lamp}}
   * pattern: unstructured
   * rule: monotone
   * parameters: {not: {layers: output}}
   * }</pre>
   *
   * @param yaml the text
   * @return the configuration
   * @throws IllegalArgumentException if the recipe is invalid; the message names the path inside
   *     the recipe, what was expected and what was found
   */
  public static PruningConfig fromYaml(String yaml) {
    return read(RecipeText.ofYaml(yaml));
  }

  /**
   * Reads a recipe in JSON; see {@link #fromYaml}.
   *
   * @param json the text
   * @return the configuration
   * @throws IllegalArgumentException as for {@link #fromYaml}
   */
  public static PruningConfig fromJson(String json) {
    return read(RecipeText.ofJson(json));
  }

  private static PruningConfig read(RecipeNode root) {
    List<String> keys = new ArrayList<>(List.of(SCHEDULE, UPDATE_EVERY, COUNT_FROM));
    keys.addAll(PruningChoices.KEYS);
    root.only(keys.toArray(String[]::new));
    ISchedule schedule = ScheduleRecipe.read(root.field(SCHEDULE));
    CountFrom countFrom =
        root.optional(COUNT_FROM)
            .map(node -> node.constant(CountFrom.class))
            .orElse(CountFrom.START_OF_TRAINING);
    UpdateTiming timing =
        root.optional(UPDATE_EVERY)
            .map(node -> node.made(() -> new UpdateTiming(schedule, node.whole(), countFrom)))
            .orElseGet(() -> new UpdateTiming(schedule, UpdateTiming.DEFAULT_INTERVAL, countFrom));
    return new PruningConfig(timing, PruningChoices.read(root));
  }

  /**
   * Writes this configuration as a recipe in YAML.
   *
   * @return text from which {@link #fromYaml} reads an equal configuration
   * @throws IllegalArgumentException if a part is not from this library and so has no name
   */
  public String toYaml() {
    return RecipeText.toYaml(tree());
  }

  /**
   * Writes this configuration as a recipe in JSON.
   *
   * @return text from which {@link #fromJson} reads an equal configuration
   * @throws IllegalArgumentException if a part is not from this library and so has no name
   */
  public String toJson() {
    return RecipeText.toJson(tree());
  }

  /**
   * Returns this configuration as a recipe, if it can be written as one.
   *
   * @return the recipe in YAML; empty if a part is not from this library
   */
  public Optional<String> recipe() {
    try {
      return Optional.of(toYaml());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns this configuration as text, for comparing two runs.
   *
   * @return each choice by its name; user-defined parts by their class
   */
  public Fingerprint fingerprint() {
    boolean attachment = timing.countFrom() == CountFrom.ATTACHMENT;
    return Fingerprint.empty()
        .with(
            SCHEDULE,
            Fingerprint.text(() -> ScheduleRecipe.write(timing.schedule()), timing.schedule()))
        .with(
            UPDATE_EVERY,
            "updateEvery " + timing.updateEvery() + (attachment ? " from attachment" : ""))
        .with(choices.fingerprint());
  }

  private ObjectNode tree() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set(SCHEDULE, ScheduleRecipe.write(timing.schedule()));
    root.put(UPDATE_EVERY, timing.updateEvery());
    if (timing.countFrom() != CountFrom.START_OF_TRAINING) {
      root.put(COUNT_FROM, "attachment");
    }
    choices.writeTo(root);
    return root;
  }

  /** Returns whether the rule exchanges weights at an iteration, or at one of those before it. */
  boolean exchanges(double scheduled, int iteration, int iterations) {
    return rule() instanceof MaskRule.Exchange exchange
        && scheduled > 0.0
        && iteration % timing.updateEvery() < iterations
        && iteration < exchange.until();
  }

  /** Returns the schedule's value, which must not fall if removed weights stay removed. */
  double target(double scheduled, int iteration, int epoch) {
    double target = timing.sparsityAt(iteration, epoch);
    if (target < scheduled && !rule().followsFalls()) {
      throw new IllegalStateException(
          "a removed weight stays removed, so the schedule must not fall, but at iteration "
              + iteration
              + " it falls from "
              + scheduled
              + " to "
              + target
              + "; the rule regrow would let weights return");
    }
    return target;
  }
}
