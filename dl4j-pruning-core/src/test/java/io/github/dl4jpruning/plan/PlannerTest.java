package io.github.dl4jpruning.plan;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Logged;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated // reads the log
class PlannerTest {

  private final MultiLayerNetwork network = SmallNetworks.perceptron();
  private final NetworkParameters parameters = NetworkParameters.of(network);

  private static PruningChoices coupled() {
    return new PruningChoices(
        ImportanceCriterion.magnitude(),
        SparsityDistribution.global(),
        SparsityPattern.coupledChannels(),
        MaskRule.monotone(),
        ParameterFilter.weights());
  }

  @Test
  void thePatternDecidesWhatIsPlanned() {
    Planner tensors = Planner.of(PruningChoices.defaults(), parameters);
    assertThat(tensors).isInstanceOf(TensorPlanner.class);
    assertThat(tensors.selected())
        .extracting(PrunableParameter::name)
        .containsExactly("first.W", "second.W", "output.W");
    Planner channels = Planner.of(coupled(), parameters);
    assertThat(channels).isInstanceOf(CoupledPlanner.class);
    assertThat(channels.selected())
        .extracting(PrunableParameter::name)
        .contains("first.W", "first.b", "second.W", "second.b", "output.W");
  }

  @Test
  void zerosAreRemovedAndWhatWasRemovedStaysSo() {
    Planner planner = Planner.of(PruningChoices.defaults(), parameters);
    SmallNetworks.setChannels(network, "first", 1.0, 0.0, 2.0, -0.0);
    List<Mask> masks =
        List.of(mask(0, 1, 1, 1, 1, 1, 1, 1), Mask.dense(12), mask(1, 1, 1, 1, 1, 0));

    assertThat(planner.masksOfZeros(parameters, masks))
        .containsExactly(mask(0, 1, 0, 0, 1, 1, 0, 0), Mask.dense(12), mask(1, 1, 1, 1, 1, 0));
  }

  /** What was not trained yet would lose everything. */
  @Test
  void aTensorOfZerosKeepsItsMask() {
    Planner planner = Planner.of(PruningChoices.defaults(), parameters);
    SmallNetworks.setChannels(network, "first", 0.0, 0.0, 0.0, 0.0);
    List<Mask> masks = List.of(mask(0, 1, 1, 1, 1, 1, 1, 1), Mask.dense(12), Mask.dense(6));

    assertThat(planner.masksOfZeros(parameters, masks)).isEqualTo(masks);
    assertThat(Logged.by(() -> planner.masksOfZeros(parameters, masks)))
        .contains("All 8 weights of first.W are zero")
        .doesNotContain("second.W");
  }

  /** Biases are zero at first, and that says nothing. */
  @Test
  void aChannelOfZerosIsRemovedWithItsBias() {
    Planner planner = Planner.of(coupled(), parameters);
    SmallNetworks.setChannels(network, "first", 1.0, 0.0, 2.0, 3.0);
    for (int output = 0; output < 3; output++) {
      network.getLayer("second").getParam("W").putScalar(1, output, 0.0);
    }
    List<Mask> dense = planner.selected().stream().map(p -> Mask.dense(p.length())).toList();

    List<Mask> masks = planner.masksOfZeros(parameters, dense);

    assertThat(masks.get(0)).isEqualTo(mask(1, 1, 0, 0, 1, 1, 1, 1));
    assertThat(masks.get(1)).isEqualTo(mask(1, 0, 1, 1));
  }
}
