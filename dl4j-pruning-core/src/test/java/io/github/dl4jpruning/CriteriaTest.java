package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** Criteria on networks: what they see, and what they remove. */
class CriteriaTest {

  @Test
  void movementIsSummedOverTheStepsSinceTheLastUpdate() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    double[] sums = new double[(int) network.numParams()];
    List<double[]> seen = new ArrayList<>();
    List<double[]> expected = new ArrayList<>();
    int offset =
        (int)
            (network.getLayer(0).getParam("W").data().offset() - network.params().data().offset());
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.linear(0, .6, 0, 9))
            .updateEvery(3)
            .parameters(ParameterFilter.layers("hidden"))
            .criterion(
                new ImportanceCriterion() {
                  @Override
                  public double[] score(io.github.dl4jpruning.score.WeightTensor tensor) {
                    seen.add(tensor.movement());
                    expected.add(Arrays.copyOfRange(sums, offset, offset + 77));
                    Arrays.fill(sums, 0);
                    return tensor.movement();
                  }

                  @Override
                  public Set<Memory> remembers() {
                    return Set.of(Memory.MOVEMENT);
                  }
                })
            .build();
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            double[] w = network.params().toDoubleVector();
            double[] g = network.getFlattenedGradients().dup().toDoubleVector();
            for (int i = 0; i < sums.length; i++) {
              sums[i] -= w[i] * g[i];
            }
          }
        },
        pruning);
    for (int t = 0; t < 12; t++) {
      network.fit(recipe.batch(t));
    }
    assertThat(seen).hasSize(3);
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i)).isEqualTo(expected.get(i));
    }
  }

  @Test
  void relativeMagnitudeRemembersTheBeginning() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Sgd(.5));
    MultiLayerNetwork network = recipe.build();
    INDArray view = network.getLayer(0).getParam("W");
    double[] first = view.dup('f').reshape('f', 1, 77).toDoubleVector();
    PruningListener.builder()
        .schedule(SparsitySchedules.oneShot(.5, 4))
        .parameters(ParameterFilter.layers("hidden"))
        .criterion(ImportanceCriterion.magnitudeIncrease())
        .build()
        .attachTo(network);
    for (int t = 0; t < 4; t++) {
      network.fit(recipe.batch(t));
    }
    double[] last = view.dup('f').reshape('f', 1, 77).toDoubleVector();
    network.fit(recipe.batch(4));
    double[] pruned = view.dup('f').reshape('f', 1, 77).toDoubleVector();
    double[] score =
        IntStream.range(0, 77).mapToDouble(i -> Math.abs(last[i]) - Math.abs(first[i])).toArray();
    double[] sorted = score.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < 77; i++) {
      assertThat(pruned[i] == 0).isEqualTo(score[i] < sorted[39]);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      // Of frozen layers the gradient counts as zero, whatever DL4J left there; those of attention
      // and
      // of a variational autoencoder are not the same to the last bit twice.
      names = {"WRAPPED", "SEQUENCE", "AUTOENCODER"})
  void aGradientCriterionPrunesAtTheFirstBatch(Kind kind) {
    for (ImportanceCriterion criterion :
        List.of(
            ImportanceCriterion.snip(),
            ImportanceCriterion.taylor(),
            ImportanceCriterion.gradient())) {
      Recipe recipe = Recipe.of(kind);
      MultiLayerNetwork network = recipe.build();
      double[] weights = network.params().toDoubleVector();
      MultiLayerNetwork twin = recipe.build();
      double[] gradient = gradientOf(twin, recipe);
      PruningListener.builder()
          .schedule(SparsitySchedules.constant(.5))
          .criterion(criterion)
          .build()
          .attachTo(network);
      BitSet eligible = new BitSet();
      long start = network.params().data().offset();
      Invariants.weights(network)
          .forEach(
              w -> {
                int from = (int) (w.view().data().offset() - start);
                eligible.set(from, from + (int) w.view().length());
              });
      double[] scores =
          IntStream.range(0, weights.length)
              .mapToDouble(
                  i ->
                      criterion == ImportanceCriterion.gradient()
                          ? Math.abs(gradient[i])
                          : Math.abs(weights[i] * gradient[i]))
              .toArray();
      Integer[] order = eligible.stream().boxed().toArray(Integer[]::new);
      Arrays.sort(
          order,
          Comparator.comparingDouble((Integer i) -> scores[i])
              .thenComparing(Comparator.<Integer>naturalOrder().reversed()));
      BitSet expected = new BitSet();
      Arrays.stream(order).limit((int) Math.floor(.5 * order.length + .5)).forEach(expected::set);

      network.fit(recipe.batch(0));

      assertThat(Invariants.zeroWeights(network)).isEqualTo(expected);
    }
  }

  private static double[] gradientOf(MultiLayerNetwork network, Recipe recipe) {
    double[][] gradient = new double[1][];
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            gradient[0] = network.getFlattenedGradients().dup().toDoubleVector();
          }
        });
    network.fit(recipe.batch(0));
    return gradient[0];
  }

  @Test
  void snipIsRefusedLaterThanAtTheBeginning() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener.builder()
        .schedule(SparsitySchedules.oneShot(.5, 1))
        .criterion(ImportanceCriterion.snip())
        .build()
        .attachTo(network);
    network.fit(recipe.batch(0));
    double[] before = network.params().toDoubleVector();

    assertThatThrownBy(() -> network.fit(recipe.batch(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at iteration 0, but the update is at iteration 1")
        .hasMessageContaining("taylor");
    assertThat(network.params().toDoubleVector()).isEqualTo(before);
  }

  @Test
  void aCriterionThatDoesNotSayWhatItRemembersIsTold() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    for (ImportanceCriterion forgetful :
        List.<ImportanceCriterion>of(t -> t.movement(), t -> t.initialWeights())) {
      MultiLayerNetwork network = recipe.build();
      PruningListener.builder()
          .schedule(SparsitySchedules.constant(.5))
          .criterion(forgetful)
          .build()
          .attachTo(network);
      assertThatThrownBy(() -> network.fit(recipe.batch(0)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("remembers()");
    }
  }
}
