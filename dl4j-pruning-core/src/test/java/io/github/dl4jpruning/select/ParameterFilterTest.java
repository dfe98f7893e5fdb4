package io.github.dl4jpruning.select;

import static io.github.dl4jpruning.select.ParameterFilter.biases;
import static io.github.dl4jpruning.select.ParameterFilter.exceptFirstAndLast;
import static io.github.dl4jpruning.select.ParameterFilter.keys;
import static io.github.dl4jpruning.select.ParameterFilter.layers;
import static io.github.dl4jpruning.select.ParameterFilter.layersMatching;
import static io.github.dl4jpruning.select.ParameterFilter.minimumSize;
import static io.github.dl4jpruning.select.ParameterFilter.normalization;
import static io.github.dl4jpruning.select.ParameterFilter.types;
import static io.github.dl4jpruning.select.ParameterFilter.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterFilterTest {

  private static final Set<String> LAYERS =
      Set.of("conv1", "norm", "pool", "conv2", "lstm", "odd", "output");

  private static PrunableParameter parameter(
      String layer, String type, String key, Role role, int length) {
    return new PrunableParameter(
        layer, type, key, role, List.of((long) length), KernelLayout.vector(length), 0, length);
  }

  private static final List<PrunableParameter> PARAMETERS =
      List.of(
          parameter("conv1", "ConvolutionLayer", "b", Role.BIAS, 4),
          parameter("conv1", "ConvolutionLayer", "W", Role.WEIGHT, 36),
          parameter("norm", "BatchNormalization", "gamma", Role.NORMALIZATION, 4),
          parameter("norm", "BatchNormalization", "mean", Role.OTHER, 4),
          parameter("conv2", "ConvolutionLayer", "W", Role.WEIGHT, 64),
          parameter("lstm", "LSTM", "W", Role.WEIGHT, 20),
          parameter("lstm", "LSTM", "RW", Role.WEIGHT, 16),
          parameter("lstm", "LSTM", "b", Role.BIAS, 8),
          parameter("odd", "Odd", "W", Role.UNKNOWN, 8),
          parameter("output", "OutputLayer", "W", Role.WEIGHT, 6));

  private static List<String> names(ParameterFilter filter) {
    return filter.select(PARAMETERS, LAYERS).stream().map(PrunableParameter::name).toList();
  }

  @Test
  void shouldTakeWeightsAndNothingElse() {
    assertThat(names(weights()))
        .containsExactly("conv1.W", "conv2.W", "lstm.W", "lstm.RW", "output.W");
  }

  @Test
  void shouldNarrowByLayer() {
    assertThat(names(weights().exceptLayers("output", "conv*")))
        .containsExactly("lstm.W", "lstm.RW");
    assertThat(names(weights().onlyLayers("output"))).containsExactly("output.W");
    assertThat(names(weights().onlyLayers("conv?").onlyLayers("*2"))).containsExactly("conv2.W");
    assertThat(names(weights().onlyLayers("conv1", "output").exceptLayers("conv1")))
        .containsExactly("output.W");
    assertThat(names(layers("conv2"))).containsExactly("conv2.W");
    assertThat(names(layersMatching("conv[2-9]|out.*"))).containsExactly("conv2.W", "output.W");
  }

  @Test
  void shouldNarrowByTypeKeySizeAndPlace() {
    assertThat(names(types("ConvolutionLayer"))).containsExactly("conv1.W", "conv2.W");
    assertThat(names(types("*LSTM"))).containsExactly("lstm.W", "lstm.RW");
    assertThat(names(keys("RW"))).containsExactly("lstm.RW");
    assertThat(names(minimumSize(20))).containsExactly("conv1.W", "conv2.W", "lstm.W");
    assertThat(names(exceptFirstAndLast())).containsExactly("conv2.W", "lstm.W", "lstm.RW");
  }

  @Test
  void shouldCombine() {
    assertThat(names(types("LSTM").and(keys("W")))).containsExactly("lstm.W");
    assertThat(names(layers("output").or(keys("RW")))).containsExactly("lstm.RW", "output.W");
    assertThat(names(layers("lstm").not())).containsExactly("conv1.W", "conv2.W", "output.W");
    assertThat(names(minimumSize(20).not().not().and(keys("RW").not())))
        .containsExactly("conv1.W", "conv2.W", "lstm.W");
  }

  @Test
  void shouldTakeBiasesAndNormalizationOnlyWhenAskedFor() {
    assertThat(names(biases())).containsExactly("conv1.b", "lstm.b");
    assertThat(names(normalization())).containsExactly("norm.gamma");
    assertThat(names(layers("lstm").and(weights().or(biases()))))
        .containsExactly("lstm.W", "lstm.RW", "lstm.b");
    assertThat(names(biases().not())).doesNotContain("conv1.b", "norm.gamma").hasSize(5);
    assertThatThrownBy(() -> new ParameterFilter.OfRole(Role.OTHER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("WEIGHT, BIAS or NORMALIZATION, but is OTHER");
    assertThatThrownBy(() -> new ParameterFilter.OfRole(null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseWhatIsNotThere() {
    assertThatThrownBy(() -> names(weights().exceptLayers("outptu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[outptu]")
        .hasMessageContaining("output");
    assertThatThrownBy(() -> names(layers("dense*").not()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layers that the network does not have: [dense*]");
    assertThatThrownBy(() -> names(layersMatching("dense.*")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[dense.*]");
    assertThatThrownBy(() -> names(weights().or(types("DenseLayer"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer types")
        .hasMessageContaining("[DenseLayer]");
    assertThatThrownBy(() -> names(weights().and(keys("pW"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parameter keys")
        .hasMessageContaining("[pW]");
  }

  @Test
  void shouldRefuseToChooseNothing() {
    for (ParameterFilter none :
        List.of(
            weights().onlyLayers("pool"),
            weights().onlyLayers("conv1").onlyLayers("output"),
            minimumSize(65),
            weights().not(),
            layers("odd"),
            keys("mean"))) {
      assertThatThrownBy(() -> names(none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("selects no parameter")
          .hasMessageContaining("[conv1.W, conv2.W, lstm.W, lstm.RW, output.W]");
    }
  }

  @Test
  void shouldRefuseNamesThatAreNone() {
    List<Supplier<ParameterFilter>> bad =
        List.of(
            () -> weights().exceptLayers(),
            () -> weights().onlyLayers("a", " "),
            () -> weights().onlyLayers("a", null),
            () -> layers(),
            () -> types(""),
            () -> keys((String) null),
            () -> layersMatching(""),
            () -> layersMatching(null),
            () -> layersMatching("conv["));
    for (Supplier<ParameterFilter> filter : bad) {
      assertThatThrownBy(filter::get)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
    assertThatThrownBy(() -> weights().onlyLayers("a", " ")).hasMessageContaining("blank");
    assertThatThrownBy(() -> layersMatching("conv[")).hasMessageContaining("'conv['");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void shouldRefuseASizeBelowOne(int size) {
    assertThatThrownBy(() -> minimumSize(size))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("minimumSize must be 1 or more, but is " + size);
  }

  @Test
  void shouldRefuseToCombineNothing() {
    assertThatThrownBy(() -> new CombinedFilter.All(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CombinedFilter.Any(null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CombinedFilter.Not(null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> weights().and(null)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldSayWhatItIs() {
    assertThat(weights().exceptLayers("a*").or(minimumSize(3)))
        .hasToString("(weights and not (layers [a*]) or at least 3 elements)");
    assertThat(weights().and(layers("x"))).isEqualTo(weights().and(layers("x")));
    assertThat(layersMatching("conv.").and(types("LSTM")))
        .hasToString("layers matching conv. and layers of type [LSTM]");
    assertThat(keys("RW").or(exceptFirstAndLast()))
        .hasToString("(keys [RW] or all but the first and the last layer)");
    assertThat(biases().or(normalization())).hasToString("(biases or normalization)");
  }

  @Test
  void whatIsAskedForIsSeenThroughOtherFilters() {
    assertThat(names(biases().not().not())).containsExactly("conv1.b", "lstm.b");
    assertThat(names(normalization().or(keys("RW")))).containsExactly("norm.gamma", "lstm.RW");
    assertThat(names(biases().and(layers("lstm")))).containsExactly("lstm.b");
  }

  @Test
  void theFirstAndTheLastLayerAreThoseWithWeights() {
    List<PrunableParameter> parameters =
        List.of(
            parameter("input", "BatchNormalization", "gamma", Role.NORMALIZATION, 2),
            parameter("a", "DenseLayer", "W", Role.WEIGHT, 4),
            parameter("b", "DenseLayer", "W", Role.WEIGHT, 4),
            parameter("c", "DenseLayer", "W", Role.WEIGHT, 4),
            parameter("output", "BatchNormalization", "gamma", Role.NORMALIZATION, 2));

    assertThat(exceptFirstAndLast().select(parameters, Set.of("input", "a", "b", "c", "output")))
        .extracting(PrunableParameter::name)
        .containsExactly("b.W");
  }

  /** Files that are not trusted must not hold one, wherever it stands in a filter. */
  @Test
  void aRegularExpressionIsFoundWhereverItStands() {
    ParameterFilter expression = layersMatching("a+");
    for (ParameterFilter filter :
        List.of(
            expression,
            expression.not(),
            weights().and(expression),
            weights().or(expression),
            weights().and(keys("W").or(expression.not())))) {
      assertThat(filter.hasExpression()).as("%s", filter).isTrue();
    }
    for (ParameterFilter filter :
        List.of(
            weights(),
            layers("a*"),
            keys("W").not(),
            weights().and(layers("a")),
            weights().or(types("LSTM")))) {
      assertThat(filter.hasExpression()).as("%s", filter).isFalse();
    }
  }

  @Test
  void aRegularExpressionHasAtMostAThousandLetters() {
    assertThat(layersMatching("a".repeat(1_000)).hasExpression()).isTrue();
    assertThatThrownBy(() -> layersMatching("a".repeat(1_001)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a regular expression of at most 1000 letters, but found one of 1001");
  }

  @ParameterizedTest
  @CsvSource({"5", "7"})
  void shouldRefuseADescriptionThatDoesNotFitItself(int length) {
    assertThatThrownBy(
            () ->
                new PrunableParameter(
                    "a", "T", "W", Role.WEIGHT, List.of(2L, 3L), KernelLayout.vector(6), 0, length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a.W")
        .hasMessageContaining(String.valueOf(length));
    assertThatThrownBy(
            () ->
                new PrunableParameter(
                    "a", "T", "W", Role.WEIGHT, List.of(2L, 3L), KernelLayout.vector(length), 0, 6))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "*, abc, true", "a*, abc, true", "*c, abc, true", "a?c, abc, true", "a*c, ac, true",
    "a?c, ac, false", "*b*, abc, true", "b*, abc, false", "a.c, abc, false", "a**c, abbc, true",
    "*a*a, aba, true", "*ab, aab, true", "'', abc, false", "abc?, abc, false", "a+, a+, true"
  })
  void shouldMatchNames(String pattern, String name, boolean fits) {
    if (!pattern.isEmpty()) {
      assertThat(new LayerNames(List.of(pattern)).match(name)).isEqualTo(fits);
    }
  }

  @Test
  void shouldMatchNamesInNoTimeWhateverThePattern() {
    String name = "a".repeat(2000);
    assertThat(new LayerNames(List.of("*a".repeat(500) + "x")).match(name)).isFalse();
    assertThat(new LayerNames(List.of("*a".repeat(500))).match(name)).isTrue();
  }
}
