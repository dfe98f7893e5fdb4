package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** Sweeps that the tests of halving share, and the result of one without interruption. */
final class SweepHalvingFixtures {

  private static final Recipe RECIPE = Recipe.of(Kind.DENSE).with(new Adam(0.02));
  static final int SETTINGS = 8;
  private static SweepResult expected;

  private SweepHalvingFixtures() {}

  static DataSetIterator batches() {
    List<DataSet> rows = new ArrayList<>(RECIPE.batch(1).asList());
    rows.addAll(RECIPE.batch(2).asList());
    return new ListDataSetIterator<>(rows, 5);
  }

  static DataSetLossCalculator loss() {
    return new DataSetLossCalculator(batches(), true);
  }

  /** Schedules end at iteration 12, in epoch 6 of 7. */
  static SweepSpace space() {
    PruningConfig movement =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.0))
            .criterion(ImportanceCriterion.movement())
            .build()
            .config();
    return new SweepSpace(
            List.of(.5, .8),
            List.of(Shape.POLYNOMIAL, Shape.ONE_CYCLE),
            List.of(2),
            List.of(12),
            List.of(1),
            List.of(SparsityDistribution.uniform()),
            List.of(Double.NaN, 0.001))
        .withBase(movement.choices());
  }

  static ScheduleSweep.Builder full() {
    return ScheduleSweep.builder()
        .settings(space().grid())
        .denseEpochs(1)
        .epochs(6)
        .scoreCalculator(SweepHalvingFixtures::loss);
  }

  static ScheduleSweep.Builder halved() {
    return full().halving(2, 1);
  }

  static SweepResult run(ScheduleSweep.Builder sweep) throws IOException {
    return sweep.build().run(RECIPE.build(), () -> batches());
  }

  /** Without interruption, on one thread, in memory. */
  static SweepResult expected() throws IOException {
    if (expected == null) {
      expected = run(halved());
    }
    return expected;
  }

  static List<Path> checkpoints(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().matches("run-.*zip")).toList();
    }
  }
}
