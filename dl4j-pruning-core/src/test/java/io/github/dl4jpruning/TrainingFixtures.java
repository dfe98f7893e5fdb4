package io.github.dl4jpruning;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** Listeners and batches that several tests of training share. */
final class TrainingFixtures {

  static final Recipe DENSE = Recipe.of(Kind.DENSE).with(new Adam(0.01));

  private TrainingFixtures() {}

  static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.8, 1, 6))
        .updateEvery(2)
        .build();
  }

  static DataSetIterator batches(Recipe recipe, int count) {
    List<DataSet> all =
        IntStream.range(0, count)
            .mapToObj(recipe::batch)
            .flatMap(d -> d.asList().stream())
            .toList();
    return new ListDataSetIterator<>(all, Networks.BATCH);
  }

  static PruningListener oneShot(double sparsity, int at) {
    return PruningListener.builder().schedule(SparsitySchedules.oneShot(sparsity, at)).build();
  }
}
