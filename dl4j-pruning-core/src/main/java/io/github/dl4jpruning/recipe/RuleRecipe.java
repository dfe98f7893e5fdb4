package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.MaskRule.Growth;
import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Rules in a recipe: {@code monotone}, or {@code rigl: {fraction: 0.3, until: 5000}}. */
public final class RuleRecipe {

  private RuleRecipe() {}

  /**
   * Reads a rule.
   *
   * @param node the place in the recipe
   * @return the rule
   * @throws IllegalArgumentException if the value is not a rule
   */
  public static MaskRule read(RecipeNode node) {
    Choice choice = node.choice("monotone", "regrow", "hardThresholding", "rigl", "set");
    RecipeNode of = choice.details();
    return switch (choice.name()) {
      case "rigl", "set" -> exchange(of, choice.name().equals("set"));
      default -> {
        choice.none();
        yield switch (choice.name()) {
          case "monotone" -> MaskRule.monotone();
          case "regrow" -> MaskRule.regrow();
          default -> MaskRule.hardThresholding();
        };
      }
    };
  }

  private static MaskRule exchange(RecipeNode of, boolean random) {
    if (random) {
      of.only("fraction", "until", "seed");
    } else {
      of.only("fraction", "until");
    }
    double fraction = of.field("fraction").number();
    int until = of.field("until").whole();
    long seed = random ? of.field("seed").wholeLong() : 0;
    return of.made(
        () -> random ? MaskRule.set(fraction, until, seed) : MaskRule.rigl(fraction, until));
  }

  /**
   * Writes a rule.
   *
   * @param rule the rule
   * @return a value that {@link #read} reads
   */
  public static JsonNode write(MaskRule rule) {
    if (rule instanceof MaskRule.Exchange exchange) {
      ObjectNode details =
          Recipes.object().put("fraction", exchange.fraction()).put("until", exchange.until());
      return exchange.growth() == Growth.RANDOM
          ? Recipes.named("set", details.put("seed", exchange.seed()))
          : Recipes.named("rigl", details);
    }
    return Recipes.name(rule.toString());
  }
}
