package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.allocate.BudgetDistribution;
import io.github.dl4jpruning.allocate.ErdosRenyiKernelDistribution;
import io.github.dl4jpruning.allocate.FloorDistribution;
import io.github.dl4jpruning.allocate.GlobalDistribution;
import io.github.dl4jpruning.allocate.LampDistribution;
import io.github.dl4jpruning.allocate.LayerTarget;
import io.github.dl4jpruning.allocate.LayerTarget.By;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.allocate.TargetsDistribution;
import io.github.dl4jpruning.allocate.ThresholdDistribution;
import io.github.dl4jpruning.allocate.UniformDistribution;
import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Distributions in a recipe: {@code global}, or {@code floor: {neverAbove: 0.99, of: lamp}}, or
 * {@code targets: {layers: {output: 0.5}, of: global}}.
 */
public final class DistributionRecipe {

  private DistributionRecipe() {}

  /**
   * Reads a distribution.
   *
   * @param node the place in the recipe
   * @return the distribution
   * @throws IllegalArgumentException if the value is not a distribution
   */
  public static SparsityDistribution read(RecipeNode node) {
    Choice choice =
        node.choice(
            "global",
            "uniform",
            "erdosRenyiKernel",
            "lamp",
            "budget",
            "threshold",
            "targets",
            "floor");
    RecipeNode of = choice.details();
    return switch (choice.name()) {
      case "budget" -> {
        of.only("weights", "of");
        long weights = of.field("weights").wholeLong();
        yield of.made(() -> new BudgetDistribution(weights, others(of)));
      }
      case "threshold" -> {
        of.only("score", "deviations");
        boolean inDeviations = of.optional("deviations").isPresent();
        if (inDeviations == of.optional("score").isPresent()) {
          throw of.wrong("either the key 'score' or the key 'deviations'");
        }
        double value = of.field(inDeviations ? "deviations" : "score").number();
        yield of.made(() -> new ThresholdDistribution(value, inDeviations));
      }
      case "targets" -> {
        of.only("layers", "types", "of");
        List<LayerTarget> targets = new ArrayList<>();
        of.optional("layers").ifPresent(layers -> add(layers, By.LAYER, targets));
        of.optional("types").ifPresent(types -> add(types, By.TYPE, targets));
        yield of.made(() -> new TargetsDistribution(targets, others(of)));
      }
      case "floor" -> {
        of.only("layers", "neverAbove", "neverFewerThan", "of");
        String layers = of.optional("layers").map(RecipeNode::text).orElse("*");
        double above = of.optional("neverAbove").map(RecipeNode::number).orElse(1.0);
        long fewer = of.optional("neverFewerThan").map(RecipeNode::wholeLong).orElse(1L);
        if (of.optional("neverAbove").isEmpty() && of.optional("neverFewerThan").isEmpty()) {
          throw of.wrong("the key 'neverAbove' or the key 'neverFewerThan'");
        }
        yield of.made(() -> new FloorDistribution(others(of), layers, above, fewer));
      }
      default -> {
        choice.none();
        yield switch (choice.name()) {
          case "global" -> new GlobalDistribution();
          case "uniform" -> new UniformDistribution();
          case "erdosRenyiKernel" -> new ErdosRenyiKernelDistribution();
          default -> new LampDistribution();
        };
      }
    };
  }

  private static SparsityDistribution others(RecipeNode node) {
    return node.optional("of").map(DistributionRecipe::read).orElse(new GlobalDistribution());
  }

  private static void add(RecipeNode node, By by, List<LayerTarget> targets) {
    for (Map.Entry<String, RecipeNode> entry : node.entries()) {
      RecipeNode at = entry.getValue();
      double sparsity = at.number();
      targets.add(at.made(() -> new LayerTarget(by, entry.getKey(), sparsity)));
    }
  }

  /**
   * Writes a distribution.
   *
   * @param distribution a distribution of this library
   * @return a value that {@link #read} reads
   * @throws IllegalArgumentException if the distribution is not from this library
   */
  public static JsonNode write(SparsityDistribution distribution) {
    if (distribution instanceof BudgetDistribution budget) {
      ObjectNode details = Recipes.object().put("weights", budget.weights());
      return Recipes.named("budget", details.set("of", write(budget.of())));
    } else if (distribution instanceof ThresholdDistribution threshold) {
      String key = threshold.inDeviations() ? "deviations" : "score";
      return Recipes.named("threshold", Recipes.object().put(key, threshold.threshold()));
    } else if (distribution instanceof TargetsDistribution targets) {
      return Recipes.named("targets", write(targets));
    } else if (distribution instanceof FloorDistribution floor) {
      ObjectNode details = Recipes.object();
      if (!floor.layers().equals("*")) {
        details.put("layers", floor.layers());
      }
      if (floor.highestSparsity() < 1.0 || floor.fewestWeights() == 1) {
        details.put("neverAbove", floor.highestSparsity());
      }
      if (floor.fewestWeights() > 1) {
        details.put("neverFewerThan", floor.fewestWeights());
      }
      return Recipes.named("floor", details.set("of", write(floor.of())));
    } else if (distribution instanceof GlobalDistribution
        || distribution instanceof UniformDistribution
        || distribution instanceof ErdosRenyiKernelDistribution
        || distribution instanceof LampDistribution) {
      return Recipes.name(distribution.toString());
    }
    throw Recipes.unnamed("distribution", distribution);
  }

  private static ObjectNode write(TargetsDistribution targets) {
    ObjectNode details = Recipes.object();
    for (By by : By.values()) {
      ObjectNode own = Recipes.object();
      for (LayerTarget target : targets.targets()) {
        if (target.by() == by) {
          own.put(target.name(), target.sparsity());
        }
      }
      if (!own.isEmpty()) {
        details.set(by == By.LAYER ? "layers" : "types", own);
      }
    }
    return details.set("of", write(targets.others()));
  }
}
