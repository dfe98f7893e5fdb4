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
 * What is pruned, and how weights are chosen, but not when.
 *
 * @param criterion scores the importance of each weight
 * @param distribution how the sparsity is distributed over the tensors
 * @param pattern which sets of weights are removed together
 * @param rule how masks may change
 * @param parameters which parameters take part
 */
public record PruningChoices(
    ImportanceCriterion criterion,
    SparsityDistribution distribution,
    SparsityPattern pattern,
    MaskRule rule,
    ParameterFilter parameters) {

  /** The keys of a recipe that this class reads, in the order in which it writes them. */
  public static final List<String> KEYS =
      List.of("criterion", "distribution", "pattern", "rule", "parameters");

  /**
   * Checks that all choices are set and fit together.
   *
   * @throws IllegalArgumentException if a choice is null, or two choices do not fit together
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
          "coupledChannels works only with the rules monotone and regrow, but the rule is " + rule);
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
   * Returns the choices that a builder starts with: global magnitude pruning of single weights.
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
   * Returns the same choices with another distribution.
   *
   * @param other the distribution
   * @return new choices
   * @throws IllegalArgumentException if it is null
   */
  public PruningChoices with(SparsityDistribution other) {
    return new PruningChoices(criterion, other, pattern, rule, parameters);
  }

  /**
   * Returns the same choices for other parameters.
   *
   * @param other which parameters take part
   * @return new choices
   * @throws IllegalArgumentException if it is null
   */
  public PruningChoices with(ParameterFilter other) {
    return new PruningChoices(criterion, distribution, pattern, rule, other);
  }

  /**
   * Reads the choices of a recipe. Missing keys have their defaults.
   *
   * @param root the recipe
   * @return the choices
   * @throws IllegalArgumentException if a value is invalid, with its path in the recipe
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
   * @throws IllegalArgumentException if a part is not from this library and so has no name
   */
  public void writeTo(ObjectNode root) {
    root.set("criterion", CriterionRecipe.write(criterion));
    root.set("distribution", DistributionRecipe.write(distribution));
    root.set("pattern", PatternRecipe.write(pattern));
    root.set("rule", RuleRecipe.write(rule));
    root.set("parameters", FilterRecipe.write(parameters));
  }

  /**
   * Returns these choices as text, to compare two runs.
   *
   * @return each choice by its name; user-defined parts by their class
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
