package io.github.dl4jpruning.plan;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.recipe.CriterionRecipe;
import io.github.dl4jpruning.recipe.DistributionRecipe;
import io.github.dl4jpruning.recipe.FilterRecipe;
import io.github.dl4jpruning.recipe.Fingerprint;
import io.github.dl4jpruning.recipe.PatternRecipe;
import io.github.dl4jpruning.recipe.RecipeNode;
import io.github.dl4jpruning.recipe.RuleRecipe;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.List;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * What is pruned, and how weights are chosen. When it happens is not part of it.
 *
 * @param criterion how important each weight is
 * @param distribution how the sparsity is shared out between tensors
 * @param pattern which sets of weights may go
 * @param rule how masks may change
 * @param parameters which parameters take part
 */
public record PruningChoices(
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    MaskRule rule,
    ParameterFilter parameters) {

  /** The keys of a recipe that are read here, in the order in which they are written. */
  public static final List<String> KEYS =
      List.of("criterion", "distribution", "pattern", "rule", "parameters");

  /**
   * Checks that all choices are set and go together.
   *
   * @throws IllegalArgumentException if one of them is null, or two do not go together
   */
  public PruningChoices {
    requireSet(criterion, "criterion");
    requireSet(distribution, "distribution");
    requireSet(pattern, "pattern");
    requireSet(rule, "rule");
    requireSet(parameters, "parameters");
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
   * The choices that a builder starts with: global magnitude pruning of single weights.
   *
   * @return the defaults
   */
  public static PruningChoices defaults() {
    return new PruningChoices(
        ImportanceCriterion.magnitude(),
        SparsityDistribution.global(),
        SparsityPattern.unstructured(),
        MaskRule.monotone(),
        ParameterFilter.weights());
  }

  /**
   * The same choices with another distribution.
   *
   * @param other how the sparsity is shared out
   * @return new choices
   * @throws IllegalArgumentException if it is null
   */
  public PruningChoices with(SparsityDistribution other) {
    return new PruningChoices(criterion, other, pattern, rule, parameters);
  }

  /**
   * The same choices for other parameters.
   *
   * @param other which parameters take part
   * @return new choices
   * @throws IllegalArgumentException if it is null
   */
  public PruningChoices with(ParameterFilter other) {
    return new PruningChoices(criterion, distribution, pattern, rule, other);
  }

  /**
   * Reads the choices of a recipe. What a recipe leaves out has its default.
   *
   * @param root the recipe
   * @return the choices
   * @throws IllegalArgumentException if a value is wrong, with its path in the recipe
   */
  public static PruningChoices read(RecipeNode root) {
    PruningChoices defaults = defaults();
    return new PruningChoices(
        root.optional("criterion").map(CriterionRecipe::read).orElse(defaults.criterion),
        root.optional("distribution").map(DistributionRecipe::read).orElse(defaults.distribution),
        root.optional("pattern").map(PatternRecipe::read).orElse(defaults.pattern),
        root.optional("rule").map(RuleRecipe::read).orElse(defaults.rule),
        root.optional("parameters").map(FilterRecipe::read).orElse(defaults.parameters));
  }

  /**
   * Writes the choices into a recipe.
   *
   * @param root the recipe
   * @throws IllegalArgumentException if a part is not one of this library and so has no name
   */
  public void writeTo(ObjectNode root) {
    root.set("criterion", CriterionRecipe.write(criterion));
    root.set("distribution", DistributionRecipe.write(distribution));
    root.set("pattern", PatternRecipe.write(pattern));
    root.set("rule", RuleRecipe.write(rule));
    root.set("parameters", FilterRecipe.write(parameters));
  }

  /**
   * These choices as text, to compare two runs.
   *
   * @return each choice by its name; parts of the user's own by their class
   */
  public Fingerprint fingerprint() {
    return Fingerprint.empty()
        .with("criterion", Fingerprint.text(() -> CriterionRecipe.write(criterion), criterion))
        .with(
            "distribution",
            Fingerprint.text(() -> DistributionRecipe.write(distribution), distribution))
        .with("pattern", PatternRecipe.write(pattern).toString())
        .with("rule", RuleRecipe.write(rule).toString())
        .with("parameters", FilterRecipe.write(parameters).toString());
  }
}
