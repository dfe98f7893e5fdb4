package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.BudgetDistribution;
import io.github.dl4jpruning.mask.CoupledChannelPattern;
import io.github.dl4jpruning.schedule.OneShotSchedule;
import io.github.dl4jpruning.select.ParameterFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers, texts and truth values in recipes mean what a person reads, or are refused. */
class RecipeScalarsTest {

  private static final String SCHEDULE = "schedule: {constant: {sparsity: 0.5}}\n";

  private static PruningConfig with(String part) {
    return PruningConfig.fromYaml(SCHEDULE + part);
  }

  @ParameterizedTest
  @CsvSource({"100,100", "+100,100", "1_000,1000", "1_000_000,1000000", "7,7"})
  void wholeNumbersAreDecimal(String written, int meant) {
    assertThat(with("updateEvery: " + written).timing().updateEvery()).isEqualTo(meant);
    assertThat(
            PruningConfig.fromYaml(
                "schedule: {oneShot: {sparsity: 0.5, at: " + written.replace("+", "") + "}}"))
        .extracting(config -> ((OneShotSchedule) config.timing().schedule()).at())
        .isEqualTo(meant);
    assertThat(
            ((BudgetDistribution)
                    with("distribution: {budget: {weights: " + written + "}}").distribution())
                .weights())
        .isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", ".5", "+.5", "5e-1", "5E-1", "0.5e0", "'0.5'", "\"5e-1\"", "0.50"})
  void fractionsAreDecimal(String written) {
    OneShotSchedule schedule =
        (OneShotSchedule)
            PruningConfig.fromYaml("schedule: {constant: {sparsity: " + written + "}}")
                .timing()
                .schedule();

    assertThat(schedule.sparsity()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100",
        "-0100",
        "+07",
        "08",
        "00",
        "00.5",
        "09.5",
        "0x40",
        "0b101",
        "0x_",
        "1__0",
        "1_0",
        "10_00",
        "0_1",
        "1_",
        "1_0.5",
        "0.1_5",
        ".nan",
        ".inf",
        "-.inf",
        ".NaN",
        "1e400",
        "-1e400",
        "!!float x",
        "!!int 0100"
      })
  void whatOnlyLooksLikeANumberIsRefusedWithItsPath(String written) {
    // The parser does not tell the text of what it cannot read at all.
    String shown = written.equals("0x_") ? "an invalid number" : written.replaceAll("!!\\w+ ", "");
    for (String recipe :
        new String[] {
          "schedule: {constant: {sparsity: " + written + "}}",
          "schedule: {oneShot: {sparsity: 0.5, at: " + written + "}}",
          SCHEDULE + "updateEvery: " + written,
          SCHEDULE + "criterion: {random: {seed: " + written + "}}",
          SCHEDULE + "distribution: {targets: {layers: {fc: " + written + "}}}",
          SCHEDULE + "parameters: {layers: [a, " + written + "]}",
          SCHEDULE + "parameters:\n  and:\n  - weights\n  - layers:\n    - a\n    - " + written,
        }) {
      assertThatThrownBy(() -> PruningConfig.fromYaml(recipe))
          .as(recipe)
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .hasLineCount(1)
                      .containsPattern(
                          "^(schedule\\.constant\\.sparsity|schedule\\.oneShot\\.at|updateEvery"
                              + "|criterion\\.random\\.seed|distribution\\.targets\\.layers\\.fc"
                              + "|parameters\\.layers\\[1]|parameters\\.and\\[1]\\.layers\\[1])"
                              + ": expected a decimal number")
                      .contains("but found " + shown)
                      .contains("quotes"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0o100",
        "12:30:45",
        "1:30",
        "NaN",
        "Infinity",
        "-Infinity",
        "inf",
        "1,000",
        "0.5f",
        "0.5d",
        "'0x1p-1'",
        "'00.5'",
        "' 0.5'",
        "'1e400'",
        "50%",
        "2001-01-01",
        "yes",
        "~",
        ""
      })
  void whatIsNoNumberIsRefusedWithItsPath(String written) {
    assertThatThrownBy(
            () -> PruningConfig.fromYaml("schedule:\n  constant:\n    sparsity: " + written + "\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("schedule.constant.sparsity: expected a number, but found ");
    assertThatThrownBy(() -> with("updateEvery: " + written))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("updateEvery: expected a whole number, but found ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e3", "1.0e3", "5.", "1.5", "'100'", "true"})
  void aWholeNumberIsWrittenAsOne(String written) {
    assertThatThrownBy(() -> with("updateEvery: " + written))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("updateEvery: expected a whole number, but found ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0100 epochs", "'0100'", "1e3", "0o10", "12:30:45", "1_000 epochs", "٣ epochs"})
  void aPointInTrainingIsAPlainNumber(String written) {
    assertThatThrownBy(
            () ->
                PruningConfig.fromYaml("schedule: {oneShot: {sparsity: 0.5, at: " + written + "}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("schedule.oneShot.at: expected a point in training");
  }

  @ParameterizedTest
  @CsvSource({
    "true,true",
    "yes,true",
    "on,true",
    "Yes,true",
    "false,false",
    "no,false",
    "off,false"
  })
  void truthValuesAreThoseOfYaml(String written, boolean meant) {
    PruningConfig config = with("pattern: {coupledChannels: {normalised: " + written + "}}");

    assertThat(((CoupledChannelPattern) config.pattern()).normalised()).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "'true'", "y", "n", "~"})
  void otherTruthValuesAreRefused(String written) {
    assertThatThrownBy(() -> with("pattern: {coupledChannels: {normalised: " + written + "}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pattern.coupledChannels.normalised: expected true or false");
  }

  @Test
  void aNameThatYamlTakesForSomethingElseNeedsQuotes() {
    assertThatThrownBy(() -> with("parameters: {layers: [a, on]}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "parameters.layers[1]: expected text, but found true (yes, no, on, off, true, false"
                + " and numbers are text only in quotes)");
    assertThatThrownBy(() -> with("parameters: {layers: [~]}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("parameters.layers[0]: expected text, but found nothing");
    assertThat(with("parameters: {layers: ['on', \"012\"]}").parameters())
        .isEqualTo(ParameterFilter.layers("on", "012"));
    // A key is a text whatever it looks like.
    assertThat(with("distribution: {targets: {layers: {on: 0.5, 012: 0.5}}}").distribution())
        .hasToString(
            with("distribution: {targets: {layers: {'on': 0.5, '012': 0.5}}}")
                .distribution()
                .toString());
  }

  @Test
  void anAliasIsRefusedAndNotTakenForAText() {
    assertThatThrownBy(() -> with("distribution: {targets: {layers: {fc: &half 0.5, out: *half}}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "distribution.targets.layers.out: expected a value, but found the alias *half, which"
                + " recipes do not support");
  }

  @Test
  void aChoiceWithoutSettingsMayEndInAColon() {
    assertThat(with("criterion:\n  taylor:\n")).isEqualTo(with("criterion: taylor"));
  }
}
