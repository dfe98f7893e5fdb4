package io.github.dl4jpruning.spark;

import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * The data of an epoch, cut into rounds: what all workers train on between two averages. Which
 * object belongs to which round and which worker, and in which order, depends only on the seed, the
 * epoch and its number. So a job that starts again can leave out the rounds that are done, and a
 * task that runs again does the same.
 *
 * @param <T> a data set, or the path of one
 */
final class TrainingRounds<T> implements AutoCloseable {

  private final JavaPairRDD<T, Long> numbered;
  private final long size;
  private final long perRound;
  private final int workers;
  private final Optional<Long> seed;

  private TrainingRounds(
      JavaPairRDD<T, Long> numbered, long size, long perRound, int workers, Optional<Long> seed) {
    this.numbered = numbered;
    this.size = size;
    this.perRound = perRound;
    this.workers = workers;
    this.seed = seed;
  }

  /**
   * Numbers the data.
   *
   * @param data the objects
   * @param perRound how many of them a round takes
   * @param workers how many workers share a round
   * @param seed of the order; without one they come as they are
   * @throws IllegalArgumentException if there are none
   */
  static <T> TrainingRounds<T> of(
      JavaRDD<T> data, long perRound, int workers, Optional<Long> seed) {
    JavaPairRDD<T, Long> numbered = data.zipWithIndex().persist(StorageLevel.MEMORY_AND_DISK_SER());
    long size = numbered.count();
    if (size == 0) {
      numbered.unpersist();
      throw new IllegalArgumentException("data must hold at least one data set, but is empty");
    }
    return new TrainingRounds<>(numbered, size, perRound, workers, seed);
  }

  /** Returns the number of rounds of an epoch; the last one may be smaller. */
  int count() {
    return Math.toIntExact((size + perRound - 1) / perRound);
  }

  /** Returns the data of a round: a partition for each worker, in the order of training. */
  JavaRDD<T> of(int epoch, int round) {
    Shuffle shuffle =
        seed.map(s -> new Shuffle(size, s * 0x9E3779B97F4A7C15L + epoch)).orElse(null);
    long from = round * perRound;
    long to = Math.min(size, from + perRound);
    return numbered
        .flatMapToPair(new Within<T>(shuffle, from, to))
        .repartitionAndSortWithinPartitions(new Shares(workers, to - from))
        .values();
  }

  @Override
  public void close() {
    numbered.unpersist();
  }

  /** What has to be the same if a job starts again. */
  @Override
  public String toString() {
    return "data sets: "
        + size
        + "\nin a round: "
        + perRound
        + "\nworkers: "
        + workers
        + "\nseed: "
        + seed.map(String::valueOf).orElse("none");
  }

  /** Gives the objects of a round their position in it. */
  private record Within<T>(@Nullable Shuffle shuffle, long from, long to)
      implements PairFlatMapFunction<Tuple2<T, Long>, Long, T> {

    @Override
    public java.util.Iterator<Tuple2<Long, T>> call(Tuple2<T, Long> numbered) {
      long number = numbered._2();
      long position = shuffle == null ? number : shuffle.position(number);
      return position >= from && position < to
          ? java.util.List.of(new Tuple2<>(position - from, numbered._1())).iterator()
          : java.util.Collections.emptyIterator();
    }
  }

  /** Gives each worker an equal share of a round, of neighbouring positions. */
  private static final class Shares extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int workers;
    private final long size;

    Shares(int workers, long size) {
      this.workers = workers;
      this.size = size;
    }

    @Override
    public int numPartitions() {
      return workers;
    }

    @Override
    public int getPartition(Object position) {
      return (int) ((Long) position * workers / size);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shares shares && shares.workers == workers && shares.size == size;
    }

    @Override
    public int hashCode() {
      return 31 * workers + Long.hashCode(size);
    }
  }
}
