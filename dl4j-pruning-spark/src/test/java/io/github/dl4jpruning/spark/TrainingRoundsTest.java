package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingRoundsTest {

  private static JavaSparkContext context;

  @BeforeAll
  static void begin() {
    context = new JavaSparkContext(SparkFixtures.local(2));
  }

  @AfterAll
  static void end() {
    context.close();
  }

  private static JavaRDD<String> data(int size) {
    return context.parallelize(IntStream.range(0, size).mapToObj(i -> "file " + i).toList(), 3);
  }

  /** Each object comes once in an epoch, and all workers but those of a small round get as many. */
  @ParameterizedTest
  @CsvSource({"24, 6, 3", "25, 6, 3", "1, 4, 2", "7, 4, 4", "40, 1, 1"})
  void shouldGiveEachObjectOnce(int size, int perRound, int workers) {
    JavaRDD<String> data = data(size);
    try (TrainingRounds<String> rounds =
        TrainingRounds.of(data, perRound, workers, Optional.of(3L))) {
      assertThat(rounds.count()).isEqualTo((size + perRound - 1) / perRound);
      List<List<String>> epochs = new ArrayList<>();
      for (int epoch = 0; epoch < 2; epoch++) {
        List<String> all = new ArrayList<>();
        for (int round = 0; round < rounds.count(); round++) {
          List<List<String>> shares = rounds.of(epoch, round).glom().collect();
          assertThat(shares).hasSize(workers);
          int inRound = shares.stream().mapToInt(List::size).sum();
          assertThat(inRound).isEqualTo(Math.min(perRound, size - round * perRound));
          assertThat(shares)
              .allMatch(
                  share ->
                      share.size() >= inRound / workers
                          && share.size() <= (inRound + workers - 1) / workers);
          shares.forEach(all::addAll);
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(data.collect());
        epochs.add(all);
      }
      if (size > 10) {
        assertThat(epochs.get(0)).isNotEqualTo(epochs.get(1));
      }
    }
  }

  /** A job that starts again in the middle of an epoch gets the same rounds. */
  @Test
  void shouldGiveTheSameRoundsAgain() {
    List<String> before;
    try (TrainingRounds<String> rounds = TrainingRounds.of(data(30), 4, 2, Optional.of(8L))) {
      rounds.of(0, 0).collect();
      before = rounds.of(1, 5).collect();
    }
    try (TrainingRounds<String> rounds = TrainingRounds.of(data(30), 4, 2, Optional.of(8L))) {
      assertThat(rounds.of(1, 5).collect()).isEqualTo(before);
    }
    try (TrainingRounds<String> rounds = TrainingRounds.of(data(30), 4, 2, Optional.of(9L))) {
      assertThat(rounds.of(1, 5).collect()).isNotEqualTo(before);
    }
  }

  @Test
  void shouldKeepTheOrderWithoutASeed() {
    try (TrainingRounds<String> rounds = TrainingRounds.of(data(10), 4, 2, Optional.empty())) {
      assertThat(rounds.of(0, 1).collect()).containsExactly("file 4", "file 5", "file 6", "file 7");
      assertThat(rounds.of(0, 2).glom().collect())
          .containsExactly(List.of("file 8"), List.of("file 9"));
    }
  }

  @Test
  void shouldRefuseNoData() {
    assertThatThrownBy(() -> TrainingRounds.of(data(0), 4, 2, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data must hold at least one data set, but is empty");
  }
}
