package io.github.dl4jpruning.spark;

import java.util.Optional;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * The data of an epoch, cut into rounds: what all workers train on between two averages. Which
 * object belongs to which round depends only on the seed, the epoch and its number, so a job that
 * starts again can leave out the rounds that are done.
 *
 * @param <T> a data set, or the path of one
 */
final class TrainingRounds<T> implements AutoCloseable {

  private final JavaPairRDD<T, Long> numbered;
  private final long size;
  private final long perRound;
  private final Optional<Long> seed;

  private TrainingRounds(
      JavaPairRDD<T, Long> numbered, long size, long perRound, Optional<Long> seed) {
    this.numbered = numbered;
    this.size = size;
    this.perRound = perRound;
    this.seed = seed;
  }

  /**
   * Numbers the data.
   *
   * @param data the objects
   * @param perRound how many of them a round takes
   * @param seed of the order; without one they come as they are
   * @throws IllegalArgumentException if there are none
   */
  static <T> TrainingRounds<T> of(JavaRDD<T> data, long perRound, Optional<Long> seed) {
    JavaPairRDD<T, Long> numbered = data.zipWithIndex().persist(StorageLevel.MEMORY_AND_DISK_SER());
    long size = numbered.count();
    if (size == 0) {
      numbered.unpersist();
      throw new IllegalArgumentException("data must hold at least one data set, but is empty");
    }
    return new TrainingRounds<>(numbered, size, perRound, seed);
  }

  /** Returns the number of rounds of an epoch; the last one may be smaller. */
  int count() {
    return Math.toIntExact((size + perRound - 1) / perRound);
  }

  /** Returns the data of a round. */
  JavaRDD<T> of(int epoch, int round) {
    Optional<Shuffle> shuffle = seed.map(s -> new Shuffle(size, s * 0x9E3779B97F4A7C15L + epoch));
    return numbered
        .filter(new Within<>(shuffle.orElse(null), round * perRound, (round + 1) * perRound))
        .keys();
  }

  @Override
  public void close() {
    numbered.unpersist();
  }

  /** Whether an object is in a round. */
  private record Within<T>(@org.jspecify.annotations.Nullable Shuffle shuffle, long from, long to)
      implements Function<Tuple2<T, Long>, Boolean> {

    @Override
    public Boolean call(Tuple2<T, Long> numbered) {
      long number = numbered._2();
      long position = shuffle == null ? number : shuffle.position(number);
      return position >= from && position < to;
    }
  }
}
