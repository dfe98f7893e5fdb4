package io.github.dl4jpruning.plan;

import static io.github.dl4jpruning.testing.Tensors.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.Due;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.mask.ChannelPattern.Score;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class CoupledPlannerTest {

  private static final PruningChoices PLAIN =
      choices(SparsityPattern.coupledChannels(Score.L1, false), MaskRule.monotone());

  /** Magnitudes 4, 1, 3, 2 in the first layer, and 30, 10, 20 in the second. */
  private static MultiLayerNetwork perceptron() {
    MultiLayerNetwork network = SmallNetworks.perceptron();
    SmallNetworks.setChannels(network, "first", 4.0, -1.0, 3.0, 2.0);
    SmallNetworks.setChannels(network, "second", 30.0, 10.0, -20.0);
    return network;
  }

  private static PruningChoices choices(SparsityPattern pattern, MaskRule rule) {
    return new PruningChoices(
        ImportanceCriterion.magnitude(),
        SparsityDistribution.global(),
        pattern,
        rule,
        ParameterFilter.weights());
  }

  private static CoupledPlanner planner(PruningChoices choices, MultiLayerNetwork network) {
    return (CoupledPlanner) Planner.of(choices, NetworkParameters.of(network));
  }

  private static List<Mask> dense(CoupledPlanner planner) {
    return planner.selected().stream().map(p -> Mask.dense(p.length())).toList();
  }

  private static List<TensorView> views(
      CoupledPlanner planner, MultiLayerNetwork network, List<Mask> masks) {
    return new CriterionMemory(
            ImportanceCriterion.magnitude(), NetworkParameters.of(network), planner.selected())
        .views(masks, 0, false);
  }

  private static List<Mask> planned(
      PruningChoices choices, MultiLayerNetwork network, double sparsity) {
    CoupledPlanner planner = planner(choices, network);
    return planner.plan(
        views(planner, network, dense(planner)), Optional.of(new Due(sparsity, 1.0)), 0);
  }

  private static Mask of(CoupledPlanner planner, List<Mask> masks, String name) {
    List<String> names = planner.selected().stream().map(PrunableParameter::name).toList();
    return masks.get(names.indexOf(name));
  }

  @Test
  void aChannelGoesWithItsBiasAndWithAllThatReadsIt() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner planner = planner(PLAIN, network);

    // Two of seven channels: those with 1 and with 2.
    List<Mask> masks = planned(PLAIN, network, 2 / 7.0);

    assertThat(of(planner, masks, "first.W")).isEqualTo(mask(1, 1, 0, 0, 1, 1, 0, 0));
    assertThat(of(planner, masks, "first.b")).isEqualTo(mask(1, 0, 1, 0));
    assertThat(of(planner, masks, "second.W")).isEqualTo(mask(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0));
    assertThat(of(planner, masks, "second.b")).isEqualTo(Mask.dense(3));
    assertThat(planner.sparsity(masks)).isEqualTo(2 / 7.0);
    assertThat(planner.sparsity(dense(planner))).isZero();
    assertThat(planner.channels()).isEqualTo(7);
  }

  /** 4, 1, 3, 2 become 1.6, 0.4, 1.2, 0.8, and 30, 10, 20 become 1.5, 0.5, 1. */
  @Test
  void normalisedScoresDoNotSeeHowLargeALayerIs() {
    MultiLayerNetwork network = perceptron();
    PruningChoices normalised = choices(SparsityPattern.coupledChannels(), MaskRule.monotone());
    CoupledPlanner planner = planner(normalised, network);

    List<Mask> masks = planned(normalised, network, 3 / 7.0);

    assertThat(of(planner, masks, "first.b")).isEqualTo(mask(1, 0, 1, 0));
    assertThat(of(planner, masks, "second.b")).isEqualTo(mask(1, 0, 1));
    CoupledPlanner.Ranking ranking = planner.rank(views(planner, network, dense(planner)));
    assertThat(ranking.contenders().get(1).tensor().scores()).containsExactly(1.5, 0.5, 1.0);
  }

  @Test
  void aLayerOfZerosIsNotDividedByItsMean() {
    MultiLayerNetwork network = perceptron();
    SmallNetworks.setChannels(network, "first", 0.0, 0.0, 0.0, 0.0);
    PruningChoices normalised = choices(SparsityPattern.coupledChannels(), MaskRule.monotone());
    CoupledPlanner planner = planner(normalised, network);

    assertThat(
            planner
                .rank(views(planner, network, dense(planner)))
                .contenders()
                .get(0)
                .tensor()
                .scores())
        .containsExactly(0.0, 0.0, 0.0, 0.0);
  }

  @Test
  void removedChannelsReturnOnlyWhereTheRuleLetsThem() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner planner = planner(PLAIN, network);
    List<Mask> before = planned(PLAIN, network, 2 / 7.0);
    SmallNetworks.setChannels(network, "first", 4.0, 50.0, 3.0, 60.0);

    assertThat(planner.plan(views(planner, network, before), Optional.of(new Due(2 / 7.0, 1.0)), 0))
        .isEqualTo(before);
    CoupledPlanner regrow = planner(choices(PLAIN.pattern(), MaskRule.regrow()), network);
    List<Mask> after =
        regrow.plan(views(regrow, network, before), Optional.of(new Due(2 / 7.0, 1.0)), 0);
    assertThat(of(regrow, after, "first.b")).isEqualTo(mask(0, 1, 0, 1));
  }

  /** A loaded network may have single zeros. */
  @Test
  void singleZerosStayBesidesWholeChannels() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner planner = planner(PLAIN, network);
    List<Mask> masks = new ArrayList<>(dense(planner));
    masks.set(0, mask(0, 1, 1, 1, 1, 1, 1, 1));

    List<Mask> next =
        planner.plan(views(planner, network, masks), Optional.of(new Due(1 / 7.0, 1.0)), 0);
    assertThat(next.get(0)).isEqualTo(mask(0, 1, 0, 0, 1, 1, 1, 1));
    CoupledPlanner regrow = planner(choices(PLAIN.pattern(), MaskRule.regrow()), network);
    next = regrow.plan(views(regrow, network, masks), Optional.of(new Due(1 / 7.0, 1.0)), 0);
    assertThat(next.get(0)).isEqualTo(mask(1, 1, 0, 0, 1, 1, 1, 1));
  }

  @Test
  void zerosThatAreWholeChannelsAreAdopted() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner planner = planner(PLAIN, network);
    List<Mask> all = planned(PLAIN, network, 1 / 7.0);
    assertThat(planner.adopted(all)).isEqualTo(all);
    assertThat(planner.adopted(dense(planner))).isEqualTo(dense(planner));
    // A channel of which something is left is not removed.
    List<Mask> some = new ArrayList<>(dense(planner));
    some.set(0, mask(0, 0, 1, 1, 1, 1, 1, 1));
    assertThat(planner.adopted(some)).isEqualTo(dense(planner));
    // Of a layer that would lose all its channels, the first stays.
    List<Mask> nothing =
        planner.selected().stream().map(p -> Mask.dense(p.length()).complement()).toList();
    List<Mask> adopted = planner.adopted(nothing);
    assertThat(of(planner, adopted, "first.b")).isEqualTo(mask(1, 0, 0, 0));
    assertThat(of(planner, adopted, "second.b")).isEqualTo(mask(1, 0, 0));
  }

  @Test
  void asManyChannelsCanGoAsTheDistributionAllows() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner free = planner(PLAIN, network);
    assertThat(free.most(free.rank(views(free, network, dense(free))))).isEqualTo(5);
    CoupledPlanner floored =
        planner(PLAIN.with(SparsityDistribution.global().neverAbove(0.5)), network);
    assertThat(floored.most(floored.rank(views(floored, network, dense(floored))))).isEqualTo(3);
    assertThatThrownBy(
            () ->
                floored.plan(
                    views(floored, network, dense(floored)), Optional.of(new Due(4 / 7.0, 1.0)), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with coupled channels, where a channel counts as one weight: cannot")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void channelsMayBeScoredByTheirBatchNormalisation() {
    MultiLayerNetwork network = SmallNetworks.normalised();
    network.getLayer("norm").getParam("gamma").putScalar(1, -0.1);
    PruningChoices slimming =
        choices(SparsityPattern.coupledChannels(Score.BATCH_NORM, false), MaskRule.monotone());
    PruningChoices firstOnly = slimming.with(ParameterFilter.layers("first"));
    CoupledPlanner planner = planner(firstOnly, network);

    CoupledPlanner.Ranking ranking = planner.rank(views(planner, network, dense(planner)));

    assertThat(ranking.contenders()).hasSize(1);
    double[] scores = ranking.contenders().get(0).tensor().scores();
    assertThat(scores[0]).isEqualTo(1.0);
    assertThat(scores[1]).isEqualTo((double) 0.1f);
    assertThatThrownBy(() -> planner(slimming, network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a batch normalisation with a scale after second");
  }

  @Test
  void aLayerHasToBeSelectedWhoseChannelsCanGo() {
    PruningChoices output = PLAIN.with(ParameterFilter.layers("output"));
    assertThatThrownBy(() -> planner(output, perceptron()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a layer whose channels can be removed, but found none")
        .hasMessageContaining("layers [output]");
    PruningChoices second = PLAIN.with(ParameterFilter.layers("second"));
    assertThat(planner(second, perceptron()).channels()).isEqualTo(3);
  }

  @Test
  void onlyWeightsCannotAllBeZero() {
    CoupledPlanner planner = planner(PLAIN, perceptron());
    for (PrunableParameter parameter : planner.selected()) {
      assertThat(planner.mayBeZero(parameter)).isEqualTo(parameter.key().equals("b"));
    }
  }

  /** Of 4, 1, 3, 2 it is √1.25. */
  @Test
  void aContenderIsASetOfChannels() {
    MultiLayerNetwork network = perceptron();
    CoupledPlanner planner = planner(PLAIN, network);
    CoupledPlanner.Ranking ranking = planner.rank(views(planner, network, dense(planner)));

    assertThat(ranking.contenders().get(0).parameter().name()).isEqualTo("first.W");
    assertThat(ranking.contenders().get(0).tensor().scores()).containsExactly(4.0, 1.0, 3.0, 2.0);
    assertThat(ranking.contenders().get(0).keep()).isEqualTo(1);
    assertThat(ranking.contenders().get(0).deviation()).isEqualTo(Math.sqrt(1.25));
    assertThat(ranking.masks()).isEqualTo(dense(planner));
  }
}
