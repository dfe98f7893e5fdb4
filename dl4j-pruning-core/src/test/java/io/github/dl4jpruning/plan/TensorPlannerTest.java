package io.github.dl4jpruning.plan;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.Contender;
import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.RemovalPool;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TensorPlannerTest {

  private static final Due HALF = new Due(0.5, 1.0);

  private static TensorView view(String layer, Mask mask, double... weights) {
    PrunableParameter parameter = Tensors.parameter(layer, weights.length);
    WeightTensor tensor =
        new WeightTensor(parameter, 0, weights::clone, weights::clone, memory -> new double[0]);
    return new TensorView(tensor, mask, Optional.empty());
  }

  private static TensorView view(String layer, double... weights) {
    return view(layer, Mask.dense(weights.length), weights);
  }

  private static PruningChoices choices(
      ImportanceCriterion criterion, SparsityDistribution distribution, MaskRule rule) {
    return new PruningChoices(
        criterion, distribution, SparsityPattern.unstructured(), rule, ParameterFilter.weights());
  }

  private static List<Mask> plan(PruningChoices choices, Due due, TensorView... tensors) {
    List<PrunableParameter> selected = Arrays.stream(tensors).map(TensorView::parameter).toList();
    return new TensorPlanner(choices, selected).plan(List.of(tensors), Optional.ofNullable(due), 0);
  }

  /** What a criterion gives, whatever the tensor. */
  private static List<Mask> scored(MaskRule rule, Mask mask, double... scores) {
    double[] given = scores;
    ImportanceCriterion criterion = tensor -> given;
    return plan(
        choices(criterion, SparsityDistribution.global(), rule),
        HALF,
        view("a", mask, new double[mask.length()]));
  }

  @Test
  void theLeastImportantWeightsOfAllTensorsGo() {
    assertThat(
            plan(
                PruningChoices.defaults(),
                HALF,
                view("a", 1.0, -2.0, 3.0),
                view("b", -4.0, 0.5, 6.0)))
        .containsExactly(mask(0, 0, 1), mask(1, 0, 1));
  }

  @Test
  void whatIsRemovedStaysRemovedUnlessTheRuleIsAnother() {
    TensorView grown = view("a", mask(0, 0, 1, 1), 9.0, 8.0, 1.0, 2.0);
    PruningChoices regrow =
        choices(ImportanceCriterion.magnitude(), SparsityDistribution.global(), MaskRule.regrow());

    assertThat(plan(PruningChoices.defaults(), HALF, grown)).containsExactly(mask(0, 0, 1, 1));
    assertThat(plan(PruningChoices.defaults(), new Due(0.75, 1.0), grown))
        .containsExactly(mask(0, 0, 0, 1));
    assertThat(plan(regrow, HALF, grown)).containsExactly(mask(1, 1, 0, 0));
    assertThat(plan(regrow, new Due(0.0, 0.0), grown)).containsExactly(mask(1, 1, 1, 1));
  }

  @Test
  void withoutASparsityThatIsDueNothingChanges() {
    assertThat(plan(PruningChoices.defaults(), null, view("a", mask(1, 0, 1), 1.0, 2.0, 3.0)))
        .containsExactly(mask(1, 0, 1));
  }

  /** A loaded network may have zeros inside of blocks that stay. */
  @Test
  void zerosInsideOfAUnitThatStaysAreKept() {
    PruningChoices blocks =
        new PruningChoices(
            ImportanceCriterion.magnitude(),
            SparsityDistribution.global(),
            SparsityPattern.block(2, 1),
            MaskRule.monotone(),
            ParameterFilter.weights());

    assertThat(plan(blocks, HALF, view("a", mask(1, 1, 0, 1), 1.0, 2.0, 0.0, 9.0)))
        .containsExactly(mask(0, 0, 0, 1));
  }

  @Test
  void aCriterionHasToScoreEachWeight() {
    Mask dense = Mask.dense(3);
    assertThatThrownBy(() -> scored(MaskRule.monotone(), dense, 1.0, 2.0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a.W: expected one score for each of 3 weights, but the criterion gave 2");
    assertThatThrownBy(() -> scored(MaskRule.monotone(), dense, (double[]) null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("but the criterion gave null");
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> scored(MaskRule.monotone(), dense, 1.0, 2.0, bad))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a.W: expected finite scores, but the score at flat index 2 is " + bad);
    }
  }

  /** Scores are looked through in pieces, by several threads. */
  @Test
  void aBadScoreIsFoundWhereverItStands() {
    int length = 2 * (1 << 16) + 1;
    for (int place : new int[] {0, (1 << 16) - 1, 1 << 16, length - 1}) {
      double[] scores = new double[length];
      scores[place] = Double.NaN;
      assertThatThrownBy(() -> scored(MaskRule.monotone(), Mask.dense(length), scores))
          .hasMessageContaining("flat index " + place + " is NaN");
    }
  }

  @Test
  void theScoreOfARemovedWeightDoesNotMatter() {
    Mask mask = mask(1, 0, 1, 1);
    assertThat(scored(MaskRule.monotone(), mask, 2.0, Double.NaN, 1.0, 3.0))
        .containsExactly(mask(1, 0, 0, 1));
    // Where weights may return it counts as the least, and of equal ones the last goes first.
    assertThat(scored(MaskRule.regrow(), mask, 2.0, Double.NaN, 1.0, 3.0))
        .containsExactly(mask(1, 0, 0, 1));
    assertThat(scored(MaskRule.regrow(), mask(0, 1, 1, 1), Double.NaN, 2.0, 1.0, 1.0))
        .containsExactly(mask(1, 1, 0, 0));
    assertThat(scored(MaskRule.regrow(), mask(1, 0, 1, 1), -1.0, Double.NaN, 1.0, 3.0))
        .containsExactly(mask(0, 0, 1, 1));
  }

  @Test
  void everyTensorIsInOnePool() {
    TensorView a = view("a", 1.0, 2.0);
    TensorView b = view("b", 1.0, 2.0);
    SparsityDistribution onlyFirst = (tensors, due) -> List.of(pool(0));
    SparsityDistribution firstTwice = (tensors, due) -> List.of(pool(0), pool(1), pool(0));
    assertThatThrownBy(() -> plan(PruningChoices.defaults().with(onlyFirst), HALF, a, b))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("left out b.W");
    assertThatThrownBy(() -> plan(PruningChoices.defaults().with(firstTwice), HALF, a, b))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("put into two pools a.W");
  }

  private static RemovalPool pool(int tensor) {
    return new RemovalPool(List.of(tensor), 1.0, List.of(1L));
  }

  /** The deviation of 1, 1, 4, 6 is √4.5; that of removed weights counts too. */
  @Test
  void deviationsAreThoseOfTheWeightsAsTheyAre() {
    List<Contender> seen = new ArrayList<>();
    SparsityDistribution spy =
        new SparsityDistribution() {
          @Override
          public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
            seen.addAll(tensors);
            return SparsityDistribution.global().allocate(tensors, due);
          }

          @Override
          public boolean needsDeviations() {
            return true;
          }
        };
    plan(
        PruningChoices.defaults().with(spy), HALF, view("a", mask(1, 1, 1, 1), 1.0, 1.0, 4.0, 6.0));

    assertThat(seen.get(0).deviation()).isEqualTo(Math.sqrt(4.5));
    assertThat(seen.get(0).keep()).isEqualTo(1);
  }

  @Test
  void sparsityIsThePartThatIsRemoved() {
    TensorPlanner planner =
        new TensorPlanner(
            PruningChoices.defaults(),
            List.of(Tensors.parameter("a", 4), Tensors.parameter("b", 6)));

    assertThat(planner.sparsity(List.of(mask(0, 1, 0, 1), mask(1, 1, 1, 1, 1, 0)))).isEqualTo(0.3);
    assertThat(planner.selected())
        .extracting(PrunableParameter::name)
        .containsExactly("a.W", "b.W");
    assertThat(planner.mayBeZero(planner.selected().get(0))).isFalse();
    assertThat(planner.adopted(List.of(mask(0, 1)))).containsExactly(mask(0, 1));
  }

  @Test
  void masksHaveTheLengthsOfTheParameters() {
    TensorPlanner planner =
        new TensorPlanner(
            PruningChoices.defaults(),
            List.of(Tensors.parameter("a", 4), Tensors.parameter("b", 6)));

    planner.checkFit(List.of(Mask.dense(4), Mask.dense(6)));
    assertThatThrownBy(() -> planner.checkFit(List.of(Mask.dense(6), Mask.dense(4))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lengths [4, 6], one for each selected parameter, but found [6, 4]");
    assertThatThrownBy(() -> planner.checkFit(List.of(Mask.dense(4))))
        .hasMessageContaining("but found [4]");
  }
}
