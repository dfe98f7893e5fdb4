package io.github.dl4jpruning.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.report.Speedup;
import io.github.dl4jpruning.rounds.LatencyMeter;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.SensitivityResult.LayerSensitivity;
import io.github.dl4jpruning.tune.SensitivityResult.Probe;
import io.github.dl4jpruning.tune.SensitivityResult.Proposal;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class SensitivityScanTest {

  private static DataSetIterator batches(Recipe recipe) {
    List<DataSet> all = new ArrayList<>(recipe.batch(1).asList());
    return new ListDataSetIterator<>(all, Networks.BATCH);
  }

  private static SensitivityScan.Builder scan(Recipe recipe) {
    return SensitivityScan.builder()
        .scoreCalculator(new DataSetLossCalculator(batches(recipe), true));
  }

  @ParameterizedTest
  @EnumSource(names = {"DENSE", "CONVOLUTION", "LSTM"})
  void everyProbeIsWhatPruningThatLayerAloneGives(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    for (boolean graph : new boolean[] {false, true}) {
      Model network = graph ? recipe.buildGraph() : recipe.build();
      Networks.fit(network, recipe.batch(1));
      Networks.fit(network, recipe.batch(2));
      long[] before = Invariants.bits(network);

      SensitivityResult result =
          scan(recipe).sparsities(.5, .9).build().scan(network, batches(recipe));

      assertThat(Invariants.bits(network)).isEqualTo(before);
      assertThat(result.layers().size()).isGreaterThan(1);
      for (LayerSensitivity layer : result.layers()) {
        for (Probe probe : layer.probes()) {
          assertThat(probe.score())
              .isCloseTo(expected(recipe, network, layer, probe), within(1e-5));
          assertThat(probe.reached()).isCloseTo(probe.sparsity(), within(.51 / layer.weights()));
        }
      }
    }
  }

  /** The same with a listener at learning rate zero, on a copy. */
  private static double expected(
      Recipe recipe, Model network, LayerSensitivity layer, Probe probe) {
    Recipe still = recipe.with(new Adam(0.0));
    Model copy = network instanceof MultiLayerNetwork ? still.build() : still.buildGraph();
    copy.setParams(network.params().dup());
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(probe.sparsity()))
        .parameters(ParameterFilter.weights().onlyLayers(layer.layer()))
        .build()
        .attachTo(copy);
    Networks.fit(copy, recipe.batch(1));
    // Of the step, batch normalisation remembers mean and variance.
    double[] masked = network.params().toDoubleVector();
    Invariants.zeroWeights(copy).stream().forEach(i -> masked[i] = 0.0);
    copy.setParams(Nd4j.createFromArray(masked).castTo(DataType.FLOAT));
    return new DataSetLossCalculator(batches(recipe), true).calculateScore(copy);
  }

  @Test
  void criteriaWithGradientsAndPatternsWork() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    List<String> told = new ArrayList<>();

    SensitivityResult result =
        scan(recipe)
            .criterion(ImportanceCriterion.taylor())
            .pattern(SparsityPattern.channel())
            .parameters(ParameterFilter.weights().exceptLayers("output"))
            .sparsities(.5)
            .onProbe((layer, probe, done, all) -> told.add(layer + " " + done + "/" + all))
            .build()
            .scan(network, batches(recipe));

    assertThat(told).hasSize(result.layers().size()).last().asString().endsWith("2/2");
    assertThat(result.layers()).extracting(LayerSensitivity::layer).doesNotContain("output");
    assertThat(network.getListeners()).isEmpty();
  }

  @Test
  void probesAreTimedWhereThatIsAskedFor() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    double[] before = network.params().toDoubleVector();
    List<Long> zeros = new ArrayList<>();
    LatencyMeter meter =
        (unpruned, pruned) -> {
          assertThat(unpruned.params().toDoubleVector()).containsExactly(before);
          zeros.add(pruned.params().eq(0.0).castTo(DataType.INT64).sumNumber().longValue());
          return new Speedup(3.0, 2.0, 1.4, 1.6);
        };

    SensitivityResult result =
        scan(recipe).sparsities(.5, .9).latencyBy(meter).build().scan(network, batches(recipe));

    assertThat(zeros.get(1)).isGreaterThan(zeros.get(0)).isPositive();
    assertThat(result.isTimed()).isTrue();
    assertThat(result.toString())
        .contains("times as fast as with nothing pruned:")
        .contains("1.50×");
    assertThat(result.toCsv()).startsWith("layer,weights,sparsity,reached,score,drop,millis,times");
    assertThat(result.toCsv().lines().skip(1)).allMatch(line -> line.endsWith(",2.0,1.5"));
    assertThat(network.params().toDoubleVector()).containsExactly(before);
    assertThat(result().isTimed()).isFalse();
    assertThat(result().toString()).doesNotContain("times as fast");
  }

  private static SensitivityResult result() {
    return new SensitivityResult(
        .9,
        false,
        List.of(
            new LayerSensitivity("a", 100, List.of(probe(.5, .9), probe(.8, .895), probe(.9, .7))),
            // A better score at a higher sparsity does not count: something in between was bad.
            new LayerSensitivity(
                "b, c", 300, List.of(probe(.5, .91), probe(.8, .5), probe(.9, .9))),
            new LayerSensitivity("d", 100, List.of(probe(.5, .1), probe(.8, .1), probe(.9, .1)))));
  }

  private static Probe probe(double sparsity, double score) {
    return new Probe(sparsity, sparsity, score);
  }

  @Test
  void aProposalTakesWhatEachLayerBears() {
    Proposal proposal = result().proposal(.01);

    assertThat(proposal.targets()).containsEntry("a", .8).containsEntry("b, c", .5);
    assertThat(proposal.targets()).containsEntry("d", 0.0);
    assertThat(proposal.sparsity()).isCloseTo((80 + 150) / 500.0, within(1e-12));
    assertThatThrownBy(() -> result().proposal(-1)).hasMessageContaining("0 or more");
  }

  @Test
  void aProposalCanBeFedToAListener() {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION);
    MultiLayerNetwork network = recipe.build();
    Proposal proposal = scan(recipe).build().scan(network, batches(recipe)).proposal(.2);

    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(proposal.sparsity()))
            .distribution(proposal.distribution())
            .build();
    pruning.attachTo(network);
    network.fit(recipe.batch(1));

    SparsityReport report = SparsityReport.of(network);
    report.tensors().stream()
        .forEach(
            tensor ->
                assertThat(tensor.sparsity())
                    .isCloseTo(
                        proposal.targets().get(tensor.name().replaceFirst("\\.[^.]*$", "")),
                        within(2.0 / tensor.weights())));
  }

  @Test
  void itIsShownAsATableAndAsCsv() {
    assertThat(result().toString()).contains("50%", "80%", "90%", "b, c", "0.8950", "0.9000");
    assertThat(result().toCsv().lines())
        .hasSize(10)
        .contains("layer,weights,sparsity,reached,score,drop", "a,100,0.5,0.5,0.9,0.0")
        .anyMatch(line -> line.startsWith("\"b, c\",300,0.5,0.5,0.91,"));
  }

  @Test
  void badChoicesAreRefused() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    assertThatThrownBy(() -> SensitivityScan.builder().build())
        .hasMessageContaining("scoreCalculator");
    assertThatThrownBy(() -> scan(recipe).sparsities().build()).hasMessageContaining("none");
    assertThatThrownBy(() -> scan(recipe).sparsities(.5, .5).build())
        .hasMessageContaining("must rise");
    assertThatThrownBy(() -> scan(recipe).sparsities(.5, 1.0).build())
        .hasMessageContaining("[0, 1)");
    @SuppressWarnings("serial")
    ScoreCalculator<Model> nothing =
        new ScoreCalculator<>() {
          @Override
          public double calculateScore(Model network) {
            return Double.NaN;
          }

          @Override
          public boolean minimizeScore() {
            return true;
          }
        };
    assertThatThrownBy(
            () ->
                SensitivityScan.builder()
                    .scoreCalculator(nothing)
                    .build()
                    .scan(recipe.build(), batches(recipe)))
        .hasMessageContaining("is the validation set empty?");
  }
}
