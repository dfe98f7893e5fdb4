package io.github.dl4jpruning.allocate;

import static io.github.dl4jpruning.allocate.SparsityDistribution.budget;
import static io.github.dl4jpruning.allocate.SparsityDistribution.erdosRenyiKernel;
import static io.github.dl4jpruning.allocate.SparsityDistribution.global;
import static io.github.dl4jpruning.allocate.SparsityDistribution.lamp;
import static io.github.dl4jpruning.allocate.SparsityDistribution.threshold;
import static io.github.dl4jpruning.allocate.SparsityDistribution.thresholdInDeviations;
import static io.github.dl4jpruning.allocate.SparsityDistribution.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What distributions say of themselves: their text, what they need, and what can be around them.
 */
class DistributionTextTest {

  /** One of the user's own that asks for deviations. */
  private static final SparsityDistribution OWN =
      new SparsityDistribution() {
        @Override
        public List<RemovalPool> allocate(List<Contender> tensors, Due due) {
          return uniform().allocate(tensors, due);
        }

        @Override
        public boolean needsDeviations() {
          return true;
        }
      };

  @Test
  void eachIsCalledByItsName() {
    assertThat(global()).hasToString("global");
    assertThat(uniform()).hasToString("uniform");
    assertThat(erdosRenyiKernel()).hasToString("erdosRenyiKernel");
    assertThat(lamp()).hasToString("lamp");
    assertThat(budget(5)).hasToString("global, at most 5 weights");
    assertThat(threshold(0.5)).hasToString("threshold of 0.5");
    assertThat(thresholdInDeviations(2)).hasToString("threshold of 2.0σ");
    assertThat(uniform().withTarget("a", 0.5).withTypeTarget("LSTM", 0.25))
        .hasToString("uniform, a at 0.5, LSTM at 0.25");
  }

  @Test
  void onlyWhatCountsInDeviationsNeedsThem() {
    assertThat(thresholdInDeviations(1).needsDeviations()).isTrue();
    assertThat(OWN.withTarget("a", 0.5).needsDeviations()).isTrue();
    assertThat(new BudgetDistribution(5, OWN).needsDeviations()).isTrue();
    for (SparsityDistribution other :
        List.of(
            global(),
            uniform(),
            erdosRenyiKernel(),
            lamp(),
            budget(5),
            threshold(1),
            global().withTarget("a", 0.5))) {
      assertThat(other.needsDeviations()).as("%s", other).isFalse();
    }
  }

  @Test
  void onlyWhatHasItsOwnEndNeedsTheProgress() {
    for (SparsityDistribution relative : List.of(global(), uniform(), erdosRenyiKernel(), lamp())) {
      assertThat(relative.needsProgress()).as("%s", relative).isFalse();
      assertThat(relative.sharesTotal()).as("%s", relative).isTrue();
    }
    for (SparsityDistribution absolute :
        List.of(budget(5), threshold(1), thresholdInDeviations(1))) {
      assertThat(absolute.needsProgress()).as("%s", absolute).isTrue();
      assertThat(absolute.sharesTotal()).as("%s", absolute).isFalse();
    }
    assertThat(global().withTarget("a", 0.5).sharesTotal()).isTrue();
    assertThat(new Due(0.5, 0.25).knownProgress("it")).isEqualTo(0.25);
    assertThatThrownBy(() -> new Due(0.5, Double.NaN).knownProgress(budget(5)))
        .hasMessageStartingWith("global, at most 5 weights needs to know the peak of the schedule");
  }

  @Test
  void targetsGoIntoABudget() {
    assertThat(budget(5).withTarget("a", 0.5))
        .isEqualTo(new BudgetDistribution(5, global().withTarget("a", 0.5)));
    assertThat(budget(5).withTypeTarget("LSTM", 0.5))
        .isEqualTo(new BudgetDistribution(5, global().withTypeTarget("LSTM", 0.5)));
  }

  /** What is said of a layer goes before what is said of its type; a name has one target. */
  @Test
  void targetsAreInTheOrderOfTheirWeight() {
    TargetsDistribution targets =
        (TargetsDistribution) global().withTypeTarget("LSTM", 0.2).withTarget("a", 0.5);
    assertThat(targets.targets()).extracting(LayerTarget::name).containsExactly("a", "LSTM");
    assertThatThrownBy(() -> targets.withTarget("a", 0.6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected one target for each name");
    // A layer may be called like a type.
    assertThat(((TargetsDistribution) targets.withTarget("LSTM", 0.6)).targets()).hasSize(3);
    assertThatThrownBy(() -> new TargetsDistribution(targets.targets(), global().neverAbove(0.5)))
        .hasMessageContaining("put a budget or a floor around them");
  }
}
