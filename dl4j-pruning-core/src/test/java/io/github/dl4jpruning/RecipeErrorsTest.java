package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.testing.Networks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Recipes with mistakes are refused, with the path to the mistake and with what was expected there.
 */
class RecipeErrorsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // the text as a whole
        "'' | expected a recipe, but found empty text",
        "[1] | expected an object with the key one of 'schedule'",
        "5 | but found 5",
        "{ | expected YAML, but found at line 1",
        "a: b: c | expected YAML",
        "{updateEvery: 3} | expected the key 'schedule', but found an object with [updateEvery]",
        "{schedule: 3, schedule: 4} | Duplicate field 'schedule'",
        "{schedule: {constant: {sparsity: .5}}, speed: 3} | expected the key one of 'schedule',"
            + " 'updateEvery', 'countFrom', 'criterion', 'distribution', 'pattern', 'rule',"
            + " 'parameters', but found the key 'speed'",
        // schedules
        "{schedule: cubic} | schedule: expected one of 'polynomial', 'linear'",
        "{schedule: {cubic: {to: .5}}} | but found 'cubic'",
        "{schedule: {}} | schedule: expected one of 'polynomial'",
        "{schedule: constant} | schedule: expected an object with the key 'sparsity', but found"
            + " \"constant\"",
        "{schedule: {constant: {sparsity: 1}}} | schedule.constant: sparsity must be a sparsity in"
            + " [0, 1)",
        "{schedule: {constant: {sparsity: much}}} | schedule.constant.sparsity: expected a number,"
            + " but found \"much\"",
        "{schedule: {constant: {}}} | schedule.constant: expected the key 'sparsity', but found an"
            + " empty object",
        "{schedule: {oneShot: {sparsity: .5}}} | schedule.oneShot: expected the key 'at'",
        "{schedule: {oneShot: {sparsity: .5, at: -3}}} | schedule.oneShot.at: expected a point in"
            + " training, a whole number of iterations or '2 epochs', but found -3",
        "{schedule: {oneShot: {sparsity: .5, at: 1.5}}} | schedule.oneShot.at: expected a point",
        "{schedule: {oneShot: {sparsity: .5, at: 99999999999}}} | schedule.oneShot.at: expected a"
            + " point",
        "{schedule: {oneShot: {sparsity: .5, at: 3 weeks}}} | but found \"3 weeks\"",
        "{schedule: {linear: {to: .5, begin: 5, end: 2}}} | schedule.linear: end must not be before"
            + " begin",
        "{schedule: {linear: {to: .5, begin: 5, end: 2 epochs}}} | schedule.linear.end: expected a"
            + " point in the same unit as begin",
        "{schedule: {linear: {to: .5, begin: 5, end: 9, power: 3}}} | schedule.linear: expected the"
            + " key one of 'from', 'to', 'begin', 'end', but found the key 'power'",
        "{schedule: {polynomial: {to: .5, begin: 5, end: 9, power: 0}}} | schedule.polynomial:"
            + " power must be a finite number above 0, but is 0.0",
        "{schedule: {stepwise: {to: .5, begin: 5, end: 9, steps: 0}}} | schedule.stepwise: steps"
            + " must be 1 or more, but is 0",
        "{schedule: {stepwise: {to: .5, begin: 5, end: 9}}} | schedule.stepwise: expected the key"
            + " 'steps'",
        "{schedule: {exponential: {to: 1.5, begin: 5, end: 9}}} | schedule.exponential: to must be"
            + " a sparsity",
        "{schedule: {denseSparseDense: {sparsity: .5, begin: 1, full: 0, release: 2, end: 3}}} |"
            + " schedule.denseSparseDense: expected 0 <= begin",
        "{schedule: {linear: {from: .5, to: .1, begin: 5, end: 9}}} | the schedule falls",
      })
  void aBadScheduleIsRefusedWithItsPath(String recipe, String message) {
    refused(recipe.equals("''") ? "" : recipe, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "updateEvery: 0 | updateEvery: updateEvery must be 1 or more, but is 0",
        "updateEvery: often | updateEvery: expected a whole number, but found \"often\"",
        "updateEvery: 1.5 | updateEvery: expected a whole number, but found 1.5",
        "updateEvery: 3000000000 | updateEvery: expected a whole number",
        "updateEvery: | updateEvery: expected a whole number, but found nothing",
        "criterion: size | criterion: expected one of 'magnitude', 'gradient', 'taylor', 'snip',"
            + " 'movement', 'magnitudeIncrease', 'fisher', 'activation', 'activationPerOutput',"
            + " 'random', but found 'size'",
        "criterion: java.util.Random | but found 'java.util.Random'",
        "criterion: random | criterion: expected an object with the key 'seed'",
        "criterion: {random: {seed: x}} | criterion.random.seed: expected a whole number",
        "criterion: {magnitude: {p: 1}} | criterion.magnitude: expected nothing, since it has no"
            + " settings, but found an object with [p]",
        "distribution: fair | distribution: expected one of 'global', 'uniform',"
            + " 'erdosRenyiKernel', 'lamp', 'budget', 'threshold', 'targets', 'floor', but found"
            + " 'fair'",
        "distribution: {budget: {weights: 0}} | distribution.budget: a budget must be 1 or more"
            + " weights, but is 0",
        "distribution: {budget: {weights: 5, of: some}} | distribution.budget.of: expected one of",
        "distribution: {threshold: {score: 0}} | distribution.threshold: threshold must be a finite"
            + " number above 0",
        "distribution: {threshold: {score: 1, deviations: 1}} | distribution.threshold: expected"
            + " either the key 'score' or the key 'deviations'",
        "distribution: {threshold: {}} | distribution.threshold: expected either",
        "distribution: {targets: {of: global}} | distribution.targets: expected at least one"
            + " target",
        "distribution: {targets: {layers: {a: 2}}} | distribution.targets.layers.a: the target of a"
            + " must be a sparsity",
        "distribution: {targets: {layers: {}}} | distribution.targets.layers: expected an object"
            + " with at least one key",
        "distribution: {targets: {layers: [a]}} | distribution.targets.layers: expected an object",
        "distribution: {floor: {of: lamp}} | distribution.floor: expected the key 'neverAbove' or"
            + " the key 'neverFewerThan'",
        "distribution: {floor: {neverAbove: 1.5}} | distribution.floor: neverAbove must be a"
            + " sparsity in [0, 1], but is 1.5",
        "distribution: {floor: {neverFewerThan: 0}} | distribution.floor: neverFewerThan must be 1"
            + " or more, but is 0",
        "distribution: {global: {x: 1}} | distribution.global: expected nothing",
        "pattern: {channel: input} | pattern.channel: expected an object with the key one of"
            + " 'axis', 'score', but found \"input\"",
        "distribution: {lamp: junk} | distribution.lamp: expected nothing, since it has no"
            + " settings",
        "criterion: {magnitude: gradient} | criterion.magnitude: expected nothing",
        "rule: {monotone: x} | rule.monotone: expected nothing",
        "parameters: {weights: output} | parameters.weights: expected nothing",
        "updateEvery: 0x_ | expected",
        "distribution: {targets: {layers: {a: .5}, of: {threshold: {score: 1}}}} |"
            + " distribution.targets: targets need a distribution that shares out a total",
        "pattern: stripes | pattern: expected one of 'unstructured', 'groups', 'block', 'channel',"
            + " 'coupledChannels', but found 'stripes'",
        "pattern: {groups: {keep: 4, of: 4}} | pattern.groups: keep(n).of(m) needs 1 <= n < m",
        "pattern: {groups: {keep: 2}} | pattern.groups: expected the key 'of'",
        "pattern: {block: {rows: 0, columns: 2}} | pattern.block: a block must be 1×1 or more, but"
            + " is 0×2",
        "pattern: {block: {rows: 2, columns: 2, score: median}} | pattern.block.score: expected one"
            + " of 'mean', 'max', but found \"median\"",
        "pattern: {channel: {axis: depth}} | pattern.channel.axis: expected one of 'output',"
            + " 'input'",
        "pattern: {channel: {axis: input, score: batch-norm}} | pattern.channel: a batch"
            + " normalisation scales output channels",
        "pattern: [a, b] | pattern: expected one of",
        "rule: never | rule: expected one of 'monotone', 'regrow', 'hardThresholding', 'rigl',"
            + " 'set', but found 'never'",
        "rule: rigl | rule: expected an object with the key one of 'fraction', 'until'",
        "rule: {rigl: {fraction: 2, until: 5}} | rule.rigl: fraction must be in (0, 1), but is 2.0",
        "rule: {rigl: {fraction: .2, until: 0}} | rule.rigl: until must be 1 or more, but is 0",
        "rule: {rigl: {fraction: .2, until: 5, seed: 3}} | but found the key 'seed'",
        "rule: {set: {fraction: .2, until: 5}} | rule.set: expected the key 'seed'",
        "parameters: all | parameters: expected one of 'weights', 'biases', 'normalization'",
        "parameters: layers | parameters: expected settings of 'layers'",
        "parameters: {layers: []} | parameters.layers: layers: expected at least one name",
        "parameters: {layers: [a, 3]} | parameters.layers[1]: expected text, but found 3",
        "parameters: {layersMatching: '['} | parameters.layersMatching: expected a regular"
            + " expression",
        "parameters: {minimumSize: 0} | parameters.minimumSize: minimumSize must be 1 or more, but"
            + " is 0",
        "parameters: {and: []} | parameters.and: and needs at least one filter",
        "parameters: {and: [weights, {not: {keyz: W}}]} | parameters.and[1].not: expected one of",
        "parameters: {weights: {exceptLayers: x}} | parameters.weights: expected nothing",
        "parameters: {a: 1, b: 2} | parameters: expected one of 'weights'",
      })
  void aBadPartIsRefusedWithItsPath(String part, String message) {
    refused("schedule: {constant: {sparsity: 0.5}}\n" + part, message);
  }

  private static void refused(String recipe, String message) {
    assertThatThrownBy(() -> PruningConfig.fromYaml(recipe))
        .as(recipe)
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(message.strip())
                    .hasLineCount(1)
                    .doesNotContain("Exception"));
  }

  @Test
  void aRecipeThatIsMadeToHurtIsRefused() {
    String deep = "{not: ".repeat(100_000) + "weights" + "}".repeat(100_000);
    assertThatThrownBy(() -> PruningConfig.fromYaml("parameters: " + deep))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 100 nested brackets");
    assertThatThrownBy(() -> PruningConfig.fromJson("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
    // A group longer than any row is one group.
    PruningConfig config =
        PruningConfig.fromYaml(
            "{schedule: {constant: {sparsity: 0.5}}, pattern: {groups: {keep: 1, of:"
                + " 2000000000}}}");
    Networks.Recipe recipe = Networks.Recipe.of(Networks.Kind.DENSE);
    var network = recipe.build();
    PruningListener.of(config).attachTo(network);
    network.fit(recipe.batch(0));
    assertThat(SparsityReport.of(network).sparsity()).isBetween(.49, .51);
  }

  @Test
  void jsonIsStrict() {
    assertThatThrownBy(() -> PruningConfig.fromJson("schedule: 3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected JSON, but found at line 1");
    assertThatThrownBy(() -> PruningConfig.fromJson("{} {}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PruningConfig.fromYaml("a: 1\n---\nb: 2"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
