package io.github.dl4jpruning;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.recipe.CriterionRecipe;
import io.github.dl4jpruning.recipe.DistributionRecipe;
import io.github.dl4jpruning.recipe.FilterRecipe;
import io.github.dl4jpruning.recipe.PatternRecipe;
import io.github.dl4jpruning.recipe.RecipeNode;
import io.github.dl4jpruning.recipe.RecipeText;
import io.github.dl4jpruning.recipe.RuleRecipe;
import io.github.dl4jpruning.recipe.ScheduleRecipe;
import io.github.dl4jpruning.schedule.CountFrom;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.UpdateTiming;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Everything that decides how a network is pruned. Immutable; made by {@link
 * PruningListener#builder()}, or read from a recipe.
 *
 * @param timing when masks change, and to what sparsity
 * @param criterion how important each weight is
 * @param distribution how the sparsity is shared out between tensors
 * @param pattern which sets of weights may go
 * @param rule how masks may change
 * @param parameters which parameters take part
 */
public record PruningConfig(
    UpdateTiming timing,
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    MaskRule rule,
    ParameterFilter parameters) {

  private static final String COUNT_FROM = "countFrom";

  /** Of the choices, in the order in which they are written. */
  private static final List<String> NAMES =
      List.of(
          "schedule", "updateEvery", "criterion", "distribution", "pattern", "rule", "parameters");

  /**
   * Checks the values, and that they go together.
   *
   * @throws IllegalArgumentException if one of them is missing, or two do not go together
   */
  public PruningConfig {
    requireSet(timing, "timing");
    requireSet(criterion, "criterion");
    requireSet(distribution, "distribution");
    requireSet(pattern, "pattern");
    requireSet(rule, "rule");
    requireSet(parameters, "parameters");
    SparsitySchedule known =
        timing.schedule() instanceof SparsitySchedule schedule ? schedule : null;
    if (known != null && known.falls() && !rule.followsFalls()) {
      throw new IllegalArgumentException(
          "the schedule falls, so weights have to return, but the rule is "
              + rule
              + "; regrow lets them");
    }
    if (known == null && distribution.needsProgress()) {
      throw new IllegalArgumentException(
          "the distribution ("
              + distribution
              + ") has to know where the schedule ends, but this one does not tell; wrap it in"
              + " SparsitySchedules.withPeak(schedule, finalSparsity)");
    }
    if (pattern.coupled()
        && (rule instanceof MaskRule.HardThresholding || rule instanceof MaskRule.Exchange)) {
      throw new IllegalArgumentException(
          "coupledChannels goes with the rules monotone and regrow, but the rule is " + rule);
    }
    if (rule instanceof MaskRule.HardThresholding && criterion != StandardCriterion.MAGNITUDE) {
      throw new IllegalArgumentException(
          "hardThresholding keeps the largest weights, so the criterion must be magnitude, but is "
              + criterion);
    }
  }

  private static void requireSet(Object value, String name) {
    if (value == null) {
      throw new IllegalArgumentException(name + " must be set, but is null");
    }
  }

  /**
   * Reads a recipe in YAML. Only {@code schedule} has to be there; unknown keys are refused.
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
   * @throws IllegalArgumentException if something is wrong with it: the message has the path inside
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
   * @throws IllegalArgumentException as {@link #fromYaml}
   */
  public static PruningConfig fromJson(String json) {
    return read(RecipeText.ofJson(json));
  }

  private static PruningConfig read(RecipeNode root) {
    root.only(
        "schedule",
        "updateEvery",
        COUNT_FROM,
        "criterion",
        "distribution",
        "pattern",
        "rule",
        "parameters");
    ISchedule schedule = ScheduleRecipe.read(root.field("schedule"));
    CountFrom countFrom =
        root.optional(COUNT_FROM)
            .map(node -> node.constant(CountFrom.class))
            .orElse(CountFrom.START_OF_TRAINING);
    UpdateTiming timing =
        root.optional("updateEvery")
            .map(node -> node.made(() -> new UpdateTiming(schedule, node.whole(), countFrom)))
            .orElseGet(() -> new UpdateTiming(schedule, UpdateTiming.DEFAULT_INTERVAL, countFrom));
    return new PruningConfig(
        timing,
        root.optional("criterion")
            .map(CriterionRecipe::read)
            .orElseGet(ImportanceCriterion::magnitude),
        root.optional("distribution")
            .map(DistributionRecipe::read)
            .orElseGet(SparsityDistribution::global),
        root.optional("pattern").map(PatternRecipe::read).orElseGet(SparsityPattern::unstructured),
        root.optional("rule").map(RuleRecipe::read).orElseGet(MaskRule::monotone),
        root.optional("parameters").map(FilterRecipe::read).orElseGet(ParameterFilter::weights));
  }

  /**
   * Writes this configuration as a recipe in YAML.
   *
   * @return text that {@link #fromYaml} makes an equal configuration of
   * @throws IllegalArgumentException if a part is not one of this library and so has no name
   */
  public String toYaml() {
    return RecipeText.toYaml(tree());
  }

  /**
   * Writes this configuration as a recipe in JSON.
   *
   * @return text that {@link #fromJson} makes an equal configuration of
   * @throws IllegalArgumentException if a part is not one of this library and so has no name
   */
  public String toJson() {
    return RecipeText.toJson(tree());
  }

  /** This configuration in YAML, or an empty text if it has a part that has no name. */
  String recipeIfAny() {
    try {
      return toYaml();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** This configuration as text, to be compared: parts of the user's own by their class. */
  String fingerprint() {
    return String.join(", ", parts().values());
  }

  /** Each choice by its name, as text. */
  private SortedMap<String, String> parts() {
    SortedMap<String, String> parts = new TreeMap<>(Comparator.comparingInt(NAMES::indexOf));
    parts.put("schedule", text(() -> ScheduleRecipe.write(timing.schedule()), timing.schedule()));
    parts.put(
        "updateEvery",
        "updateEvery "
            + timing.updateEvery()
            + (timing.countFrom() == CountFrom.ATTACHMENT ? " from attachment" : ""));
    parts.put("criterion", text(() -> CriterionRecipe.write(criterion), criterion));
    parts.put("distribution", text(() -> DistributionRecipe.write(distribution), distribution));
    parts.put("pattern", PatternRecipe.write(pattern).toString());
    parts.put("rule", RuleRecipe.write(rule).toString());
    parts.put("parameters", FilterRecipe.write(parameters).toString());
    return parts;
  }

  /**
   * Says in which choices a configuration differs from another one.
   *
   * @param fingerprint that of the other
   * @return for instance {@code schedule (expected …, found …)}
   */
  String differences(String fingerprint) {
    List<String> found = split(fingerprint);
    List<String> differences = new ArrayList<>();
    int i = 0;
    for (Map.Entry<String, String> part : parts().entrySet()) {
      if (found.size() == NAMES.size() && !part.getValue().equals(found.get(i))) {
        differences.add(
            part.getKey() + " (expected " + part.getValue() + ", found " + found.get(i) + ")");
      }
      i++;
    }
    return differences.isEmpty()
        ? "the configuration (expected " + fingerprint() + ", found " + fingerprint + ")"
        : String.join(", ", differences);
  }

  /** At the commas that are not inside braces, brackets or quotes. */
  private static List<String> split(String fingerprint) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < fingerprint.length(); i++) {
      char letter = fingerprint.charAt(i);
      quoted ^= letter == '"' && (i == 0 || fingerprint.charAt(i - 1) != '\\');
      if (!quoted && (letter == '{' || letter == '[')) {
        depth++;
      } else if (!quoted && (letter == '}' || letter == ']')) {
        depth--;
      } else if (!quoted && depth == 0 && letter == ',') {
        parts.add(fingerprint.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(fingerprint.substring(start).strip());
    return parts;
  }

  static String text(Supplier<JsonNode> written, Object part) {
    try {
      return written.get().toString();
    } catch (IllegalArgumentException e) {
      // The name of a lambda's class is another in each process.
      return part.getClass().isHidden() ? "a lambda" : part.getClass().getName();
    }
  }

  private ObjectNode tree() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("schedule", ScheduleRecipe.write(timing.schedule()));
    root.put("updateEvery", timing.updateEvery());
    if (timing.countFrom() != CountFrom.START_OF_TRAINING) {
      root.put(COUNT_FROM, "attachment");
    }
    root.set("criterion", CriterionRecipe.write(criterion));
    root.set("distribution", DistributionRecipe.write(distribution));
    root.set("pattern", PatternRecipe.write(pattern));
    root.set("rule", RuleRecipe.write(rule));
    root.set("parameters", FilterRecipe.write(parameters));
    return root;
  }
}
