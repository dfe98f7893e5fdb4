package io.github.dl4jpruning.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.recipe.RecipeNode;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

class PruningChoicesTest {

  private static final ImportanceCriterion CRITERION = ImportanceCriterion.taylor();
  private static final SparsityDistribution DISTRIBUTION = SparsityDistribution.lamp();
  private static final SparsityPattern PATTERN = SparsityPattern.keep(2).of(4);
  private static final MaskRule RULE = MaskRule.rigl(0.3, 50);
  private static final ParameterFilter FILTER = ParameterFilter.biases();

  private static final PruningChoices OTHERS =
      new PruningChoices(CRITERION, DISTRIBUTION, PATTERN, RULE, FILTER);

  private static PruningChoices with(
      ImportanceCriterion criterion, SparsityPattern pattern, MaskRule rule) {
    return new PruningChoices(criterion, DISTRIBUTION, pattern, rule, FILTER);
  }

  @Test
  void eachChoiceHasToBeMade() {
    Map<String, Supplier<PruningChoices>> missing =
        Map.of(
            "criterion", () -> with(null, PATTERN, RULE),
            "distribution", () -> OTHERS.with((SparsityDistribution) null),
            "pattern", () -> with(CRITERION, null, RULE),
            "rule", () -> with(CRITERION, PATTERN, null),
            "parameters", () -> OTHERS.with((ParameterFilter) null));
    missing.forEach(
        (name, choices) ->
            assertThatThrownBy(choices::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " must be set, but is null"));
  }

  @Test
  void someChoicesDoNotGoTogether() {
    SparsityPattern coupled = SparsityPattern.coupledChannels();
    for (MaskRule rule : List.of(MaskRule.hardThresholding(), MaskRule.set(0.3, 9, 1))) {
      assertThatThrownBy(() -> with(ImportanceCriterion.magnitude(), coupled, rule))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("coupledChannels works only with the rules monotone and regrow")
          .hasMessageEndingWith(rule.toString());
    }
    for (MaskRule rule : List.of(MaskRule.monotone(), MaskRule.regrow())) {
      assertThat(with(CRITERION, coupled, rule).pattern()).isEqualTo(coupled);
    }
    assertThatThrownBy(() -> with(CRITERION, PATTERN, MaskRule.hardThresholding()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("the criterion must be magnitude, but is taylor");
    assertThat(with(ImportanceCriterion.magnitude(), PATTERN, MaskRule.hardThresholding()).rule())
        .isEqualTo(MaskRule.hardThresholding());
  }

  @Test
  void oneChoiceCanBeChangedAlone() {
    assertThat(OTHERS.with(SparsityDistribution.uniform()))
        .isEqualTo(
            new PruningChoices(CRITERION, SparsityDistribution.uniform(), PATTERN, RULE, FILTER));
    assertThat(OTHERS.with(ParameterFilter.weights()))
        .isEqualTo(
            new PruningChoices(CRITERION, DISTRIBUTION, PATTERN, RULE, ParameterFilter.weights()));
  }

  @Test
  void aRecipeIsReadAsItWasWritten() {
    ObjectNode recipe = JsonNodeFactory.instance.objectNode();
    OTHERS.writeTo(recipe);

    assertThat(recipe.fieldNames()).toIterable().containsExactlyElementsOf(PruningChoices.KEYS);
    assertThat(PruningChoices.read(new RecipeNode("", recipe))).isEqualTo(OTHERS);
  }

  @Test
  void whatARecipeLeavesOutHasItsDefault() {
    ObjectNode recipe = JsonNodeFactory.instance.objectNode();
    assertThat(PruningChoices.read(new RecipeNode("", recipe)))
        .isEqualTo(
            new PruningChoices(
                ImportanceCriterion.magnitude(),
                SparsityDistribution.global(),
                SparsityPattern.unstructured(),
                MaskRule.monotone(),
                ParameterFilter.weights()));
  }

  @Test
  void aFingerprintTellsWhichChoiceDiffers() {
    String defaults = PruningChoices.defaults().fingerprint().toString();

    assertThat(PruningChoices.defaults().fingerprint()).hasToString(defaults);
    assertThat(OTHERS.fingerprint().differences(defaults))
        .contains(PruningChoices.KEYS)
        .contains("expected \"taylor\", found \"magnitude\"");
    // A criterion of the user's own has no name in a recipe.
    PruningChoices own = with(tensor -> tensor.weights(), PATTERN, RULE);
    assertThat(own.fingerprint().toString()).startsWith("a lambda, ");
  }

  /** A builder with nothing of its own. */
  private static final class Builder extends RankingBuilder<Builder> {
    Builder() {
      super(SparsityPattern.channel());
    }

    @Override
    protected Builder self() {
      return this;
    }
  }

  @Test
  void aBuilderHandsOverWhatItWasGiven() {
    assertThat(new Builder().choices(DISTRIBUTION, RULE))
        .isEqualTo(
            new PruningChoices(
                ImportanceCriterion.magnitude(),
                DISTRIBUTION,
                SparsityPattern.channel(),
                RULE,
                ParameterFilter.weights()));
    assertThat(
            new Builder()
                .criterion(CRITERION)
                .pattern(PATTERN)
                .parameters(FILTER)
                .choices(DISTRIBUTION, RULE))
        .isEqualTo(OTHERS);
  }
}
