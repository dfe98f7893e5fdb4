package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.RandomCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import java.util.Arrays;
import java.util.stream.Stream;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Criteria in a recipe: {@code magnitude}, or {@code random: {seed: 1}}. */
public final class CriterionRecipe {

  private CriterionRecipe() {}

  /**
   * Reads a criterion.
   *
   * @param node the place in the recipe
   * @return the criterion
   * @throws IllegalArgumentException if the value is not a criterion
   */
  public static ImportanceCriterion read(RecipeNode node) {
    StandardCriterion[] standard = StandardCriterion.values();
    Choice choice =
        node.choice(
            Stream.concat(Arrays.stream(standard).map(Object::toString), Stream.of("random"))
                .toArray(String[]::new));
    RecipeNode of = choice.details();
    if (choice.name().equals("random")) {
      of.only("seed");
      return new RandomCriterion(of.field("seed").wholeLong());
    }
    choice.none();
    return Arrays.stream(standard)
        .filter(criterion -> criterion.toString().equals(choice.name()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Writes a criterion.
   *
   * @param criterion a criterion of this library
   * @return a value that {@link #read} reads
   * @throws IllegalArgumentException if the criterion is not from this library
   */
  public static JsonNode write(ImportanceCriterion criterion) {
    if (criterion instanceof StandardCriterion standard) {
      return Recipes.name(standard.toString());
    } else if (criterion instanceof RandomCriterion random) {
      return Recipes.named("random", Recipes.object().put("seed", random.seed()));
    }
    throw Recipes.unnamed("criterion", criterion);
  }
}
