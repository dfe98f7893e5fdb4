package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.mask.BlockPattern;
import io.github.dl4jpruning.mask.ChannelPattern;
import io.github.dl4jpruning.mask.CoupledChannelPattern;
import io.github.dl4jpruning.mask.NOfMPattern;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Patterns in a recipe: {@code unstructured}, {@code groups: {keep: 2, of: 4}}, {@code block:
 * {rows: 4, columns: 4}}, {@code channel: {axis: output, score: l1}}, {@code coupledChannels:
 * {score: l1, normalised: true}}.
 */
public final class PatternRecipe {

  private PatternRecipe() {}

  /**
   * Reads a pattern.
   *
   * @param node the place in the recipe
   * @return the pattern
   * @throws IllegalArgumentException if the value is not a pattern
   */
  public static SparsityPattern read(RecipeNode node) {
    Choice choice = node.choice("unstructured", "groups", "block", "channel", "coupledChannels");
    RecipeNode of = choice.details();
    return switch (choice.name()) {
      case "groups" -> {
        of.only("keep", "of");
        int keep = of.field("keep").whole();
        int group = of.field("of").whole();
        yield of.made(() -> new NOfMPattern(keep, group));
      }
      case "block" -> {
        of.only("rows", "columns", "score");
        int rows = of.field("rows").whole();
        int columns = of.field("columns").whole();
        BlockPattern.Score score =
            of.optional("score")
                .map(at -> at.constant(BlockPattern.Score.class))
                .orElse(BlockPattern.Score.MEAN);
        yield of.made(() -> new BlockPattern(rows, columns, score));
      }
      case "channel" -> {
        if (choice.bare()) {
          yield SparsityPattern.channel();
        }
        of.only("axis", "score");
        ChannelPattern.Axis axis =
            of.optional("axis")
                .map(at -> at.constant(ChannelPattern.Axis.class))
                .orElse(ChannelPattern.Axis.OUTPUT);
        ChannelPattern.Score score =
            of.optional("score")
                .map(at -> at.constant(ChannelPattern.Score.class))
                .orElse(ChannelPattern.Score.L1);
        yield of.made(() -> new ChannelPattern(axis, score));
      }
      case "coupledChannels" -> {
        if (choice.bare()) {
          yield SparsityPattern.coupledChannels();
        }
        of.only("score", "normalised");
        ChannelPattern.Score score =
            of.optional("score")
                .map(at -> at.constant(ChannelPattern.Score.class))
                .orElse(ChannelPattern.Score.L1);
        boolean normalised = of.optional("normalised").map(RecipeNode::flag).orElse(true);
        yield new CoupledChannelPattern(score, normalised);
      }
      default -> {
        choice.none();
        yield SparsityPattern.unstructured();
      }
    };
  }

  /**
   * Writes a pattern.
   *
   * @param pattern the pattern
   * @return a value that {@link #read} reads
   */
  public static JsonNode write(SparsityPattern pattern) {
    ObjectNode details = Recipes.object();
    if (pattern instanceof NOfMPattern groups) {
      details.put("keep", groups.keep()).put("of", groups.of());
      return Recipes.named("groups", details);
    } else if (pattern instanceof BlockPattern block) {
      details.put("rows", block.rows()).put("columns", block.columns());
      return Recipes.named("block", details.put("score", RecipeNode.written(block.score())));
    } else if (pattern instanceof ChannelPattern channel) {
      details.put("axis", RecipeNode.written(channel.axis()));
      return Recipes.named("channel", details.put("score", RecipeNode.written(channel.score())));
    } else if (pattern instanceof CoupledChannelPattern coupled) {
      details.put("score", RecipeNode.written(coupled.score()));
      return Recipes.named("coupledChannels", details.put("normalised", coupled.normalised()));
    }
    return Recipes.name("unstructured");
  }
}
