package io.github.dl4jpruning.iterative;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SensitivityResult;
import io.github.dl4jpruning.tune.SensitivityResult.Proposal;
import io.github.dl4jpruning.tune.SensitivityScan;
import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepResult.Run;
import io.github.dl4jpruning.tune.SweepSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.evaluation.classification.Evaluation.Metric;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** The samples of docs/iterative-pruning.md are compiled and run here. */
class IterativePruningPageTest {

  @TempDir Path folder;

  private static final Path PAGE = Path.of("../docs/iterative-pruning.md");

  private static IterativePruningResult rounds(
      MultiLayerNetwork network, DataSetIterator train, DataSetIterator validation)
      throws IOException {
    // sample
    IterativePruningResult result =
        IterativePruner.builder()
            .targets(0.5, 0.75, 0.9, 0.95)
            .fineTuneEpochs(3)
            .scoreCalculator(new ClassificationScoreCalculator(Metric.ACCURACY, validation))
            .maxScoreDrop(0.005)
            .build()
            .prune(network, train);
    System.out.println(result);
    // end
    return result;
  }

  private static PruningListener layers(
      MultiLayerNetwork network, DataSetIterator train, DataSetIterator validation) {
    // sample
    SensitivityResult sensitivity =
        SensitivityScan.builder()
            .scoreCalculator(new ClassificationScoreCalculator(Metric.ACCURACY, validation))
            .build()
            .scan(network, train);
    System.out.println(sensitivity);
    Proposal proposal = sensitivity.proposal(0.01); // what one layer may cost
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, proposal.sparsity(), 100, 600))
            .distribution(proposal.distribution())
            .build();
    // end
    return pruning;
  }

  private static SweepResult settings(MultiLayerNetwork network, Path folder, long seed)
      throws IOException {
    // sample
    SweepSpace space =
        new SweepSpace(
            List.of(0.9, 0.95, 0.98), // final sparsities
            List.of(Shape.POLYNOMIAL, Shape.ONE_CYCLE),
            List.of(250), // begin, in iterations
            List.of(1_250), // end
            List.of(50), // iterations between mask updates
            List.of(SparsityDistribution.global(), SparsityDistribution.lamp()),
            List.of(Double.NaN)); // learning rates; NaN: the network's own
    SweepResult sweep =
        ScheduleSweep.builder()
            .settings(space.grid()) // or space.random(6, seed)
            .denseEpochs(2)
            .epochs(13)
            .threads(2)
            .scoreCalculator(() -> new ClassificationScoreCalculator(Metric.ACCURACY, validation()))
            .directory(folder)
            .build()
            .run(network, () -> train());
    System.out.println(sweep);
    Optional<Run> best = sweep.best(0.005); // what may be lost against the dense network
    // end
    assertThat(best).isPresent();
    assertThat(space.random(6, seed)).hasSize(6);
    return sweep;
  }

  private static DataSetIterator validation() {
    return batches(1);
  }

  private static DataSetIterator train() {
    return batches(1);
  }

  private static DataSetIterator batches(int seed) {
    List<DataSet> rows = Recipe.of(Kind.DENSE).batch(seed).asList();
    return new ListDataSetIterator<>(rows, 5);
  }

  @Test
  void theSamplesRun() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).with(new Adam(0.01)).build();
    network.fit(batches(1), 20);

    layers(network, batches(1), batches(1)).attachTo(network);
    network.setListeners();
    IterativePruningResult result = rounds(network, batches(1), batches(1));

    assertThat(result.sparsity()).isBetween(0.0, .951);
    assertThat(result.reason()).isNotEmpty();
    assertThat(settings(Recipe.of(Kind.DENSE).build(), folder, 1).runs()).hasSize(12);
  }

  @Test
  void theSamplesAreThoseOfThePage() throws IOException {
    String page = Files.readString(PAGE);
    String source =
        Files.readString(
            Path.of("src/test/java")
                .resolve(IterativePruningPageTest.class.getName().replace('.', '/') + ".java"));
    List<String> samples = new ArrayList<>();
    Matcher matcher =
        Pattern.compile("// sample\n(.*?)\n\\s*// end\n", Pattern.DOTALL).matcher(source);
    while (matcher.find()) {
      samples.add(matcher.group(1).stripIndent().strip());
    }
    assertThat(samples).hasSize(3);
    assertThat(samples).allSatisfy(sample -> assertThat(page).contains(sample));
    Matcher links = Pattern.compile("\\]\\((?!https?:)([^)#]+)").matcher(page);
    while (links.find()) {
      assertThat(PAGE.resolveSibling(links.group(1))).exists();
    }
  }
}
