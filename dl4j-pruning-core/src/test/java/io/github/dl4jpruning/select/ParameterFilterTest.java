package io.github.dl4jpruning.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ParameterFilterTest {

  private static final Set<String> LAYERS = Set.of("first", "norm", "pool", "output");

  private static PrunableParameter parameter(String layer, String key, Role role) {
    return new PrunableParameter(layer, "SomeLayer", key, role, List.of(2L, 3L), 0, 6);
  }

  private static final List<PrunableParameter> PARAMETERS =
      List.of(
          parameter("first", "W", Role.WEIGHT),
          parameter("first", "b", Role.OTHER),
          parameter("norm", "gamma", Role.OTHER),
          parameter("output", "W", Role.WEIGHT));

  private static List<String> names(ParameterFilter filter) {
    return filter.select(PARAMETERS, LAYERS).stream().map(PrunableParameter::name).toList();
  }

  @Test
  void shouldTakeWeightsAndNothingElse() {
    assertThat(names(ParameterFilter.weights())).containsExactly("first.W", "output.W");
  }

  @Test
  void shouldNarrowByLayer() {
    assertThat(names(ParameterFilter.weights().exceptLayers("output"))).containsExactly("first.W");
    assertThat(names(ParameterFilter.weights().onlyLayers("output"))).containsExactly("output.W");
    assertThat(names(ParameterFilter.weights().onlyLayers("first").onlyLayers("output")))
        .containsExactly("first.W", "output.W");
    assertThat(names(ParameterFilter.weights().onlyLayers("first", "output").exceptLayers("first")))
        .containsExactly("output.W");
  }

  @Test
  void shouldRefuseALayerThatIsNotThere() {
    assertThatThrownBy(() -> names(ParameterFilter.weights().exceptLayers("outptu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[outptu]")
        .hasMessageContaining("output");
  }

  @Test
  void shouldRefuseToChooseNothing() {
    assertThatThrownBy(() -> names(ParameterFilter.weights().onlyLayers("pool")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("chooses no parameter")
        .hasMessageContaining("[first.W, output.W]");
    assertThatThrownBy(() -> names(ParameterFilter.weights().exceptLayers("first", "output")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseNamesThatAreNone() {
    assertThatThrownBy(() -> ParameterFilter.weights().exceptLayers())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ParameterFilter.weights().onlyLayers("a", " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blank");
    assertThatThrownBy(() -> ParameterFilter.weights().onlyLayers("a", null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseADescriptionThatDoesNotFitItself() {
    assertThatThrownBy(
            () -> new PrunableParameter("a", "T", "W", Role.WEIGHT, List.of(2L, 3L), 0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a.W")
        .hasMessageContaining("5");
  }
}
