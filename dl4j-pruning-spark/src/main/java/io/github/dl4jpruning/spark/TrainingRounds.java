package io.github.dl4jpruning.spark;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.api.java.function.PairFunction;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * The data of an epoch, cut into rounds: what all workers train on between two averages. Which
 * object belongs to which round and which worker, and in which order, depends only on the seed, the
 * epoch and its number. So a job that starts again can leave out the rounds that are done, and a
 * task that runs again does the same.
 *
 * <p>An epoch is one shuffle of Spark, with a partition for each worker in each round. A round
 * reads its own partitions and nothing else.
 *
 * @param <T> a data set, or the path of one
 */
final class TrainingRounds<T> implements AutoCloseable {

  private final JavaPairRDD<T, Long> numbered;
  private final long size;
  private final long perRound;
  private final int workers;
  private final Optional<Long> seed;
  private final ClassTag<T> type;
  private @Nullable RDD<byte[]> shuffled;
  private int shuffledEpoch;

  private TrainingRounds(
      ClassTag<T> type,
      JavaPairRDD<T, Long> numbered,
      long size,
      long perRound,
      int workers,
      Optional<Long> seed) {
    this.type = type;
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
    return new TrainingRounds<>(data.classTag(), numbered, size, perRound, workers, seed);
  }

  /** Returns the number of rounds of an epoch; the last one may be smaller. */
  int count() {
    return Math.toIntExact((size + perRound - 1) / perRound);
  }

  /** Returns the data of a round: a partition for each worker, in the order of training. */
  JavaRDD<T> of(int epoch, int round) {
    RDD<byte[]> all = epoch(epoch);
    return new JavaRDD<>(
            PartitionPruningRDD.create(all, new OfRound(round, workers)), all.elementClassTag())
        .map(new Unpacked<>(type));
  }

  private RDD<byte[]> epoch(int epoch) {
    if (shuffled == null || shuffledEpoch != epoch) {
      deleteShuffled();
      Shuffle shuffle =
          seed.map(s -> new Shuffle(size, s * 0x9E3779B97F4A7C15L + epoch)).orElse(null);
      // Without a cache: the files of the shuffle are read again if a task is tried again.
      shuffled =
          numbered
              .mapToPair(new Packed<T>(type, shuffle))
              .repartitionAndSortWithinPartitions(new Shares(size, perRound, workers))
              .values()
              .rdd();
      shuffledEpoch = epoch;
    }
    return shuffled;
  }

  /** Otherwise the files of each epoch would stay until the driver collects its garbage. */
  private void deleteShuffled() {
    if (shuffled != null) {
      shuffled.cleanShuffleDependencies(false);
      shuffled = null;
    }
  }

  @Override
  public void close() {
    deleteShuffled();
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

  /**
   * Gives an object its position in the epoch. It is serialised here already: Spark holds what it
   * shuffles in memory as long as that is small, but it cannot see the memory of ND4J's arrays.
   */
  private record Packed<T>(ClassTag<T> type, @Nullable Shuffle shuffle)
      implements PairFunction<Tuple2<T, Long>, Long, byte[]> {

    @Override
    public Tuple2<Long, byte[]> call(Tuple2<T, Long> numbered) {
      long number = numbered._2();
      ByteBuffer buffer = SparkEnv.get().serializer().newInstance().serialize(numbered._1(), type);
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return new Tuple2<>(shuffle == null ? number : shuffle.position(number), bytes);
    }
  }

  /** Gives the object back. */
  private record Unpacked<T>(ClassTag<T> type) implements Function<byte[], T> {
    @Override
    public T call(byte[] bytes) {
      return SparkEnv.get().serializer().newInstance().deserialize(ByteBuffer.wrap(bytes), type);
    }
  }

  /** Tells which partitions are those of a round. */
  private record OfRound(int round, int workers)
      implements Function1<Object, Object>, Serializable {
    @Override
    public Object apply(Object partition) {
      return (Integer) partition / workers == round;
    }
  }

  /** Gives each worker an equal share of each round, of neighbouring positions. */
  private static final class Shares extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final long size;
    private final long perRound;
    private final int workers;

    Shares(long size, long perRound, int workers) {
      this.size = size;
      this.perRound = perRound;
      this.workers = workers;
    }

    @Override
    public int numPartitions() {
      return Math.toIntExact((size + perRound - 1) / perRound * workers);
    }

    @Override
    public int getPartition(Object position) {
      long round = (Long) position / perRound;
      long within = (Long) position % perRound;
      long inRound = Math.min(perRound, size - round * perRound);
      return Math.toIntExact(round * workers + within * workers / inRound);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shares shares
          && shares.size == size
          && shares.perRound == perRound
          && shares.workers == workers;
    }

    @Override
    public int hashCode() {
      return Objects.hash(size, perRound, workers);
    }
  }
}
