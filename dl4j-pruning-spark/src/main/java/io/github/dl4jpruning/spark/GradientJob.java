package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.mask.MaskRule;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import io.github.dl4jpruning.score.RandomCriterion;
import io.github.dl4jpruning.score.StandardCriterion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.datavec.spark.util.SerializableHadoopConfig;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gives the driver's network a gradient: the sum over the first batch of each worker. It costs one
 * more forward and backward pass, so it is only run for criteria that look at gradients.
 *
 * @param batchSize the size of a worker's batch
 * @param depth of the tree in which the gradients are added
 */
record GradientJob(int batchSize, int depth) {

  /** When a configuration needs a gradient. */
  enum Need {
    /** Never. */
    NEVER,
    /** When masks are made. */
    AT_UPDATES,
    /** In every round, since it is summed up. */
    ALWAYS
  }

  /** Tells when a configuration needs a gradient. A criterion of the user's own may ask for it. */
  static Need need(PruningConfig config) {
    if (config.criterion().remembers().contains(Memory.MOVEMENT)) {
      return Need.ALWAYS;
    }
    boolean without =
        config.criterion() instanceof RandomCriterion
            || config.criterion() == StandardCriterion.MAGNITUDE
            || config.criterion() == StandardCriterion.MAGNITUDE_INCREASE;
    return without && !(config.rule() instanceof MaskRule.Exchange) ? Need.NEVER : Need.AT_UPDATES;
  }

  /** Computes the gradient and writes it into the driver's network. */
  void run(SparkTarget target, RoundData data) {
    Broadcast<NetBroadcastTuple> network = target.context().broadcast(target.parts());
    Broadcast<SerializableHadoopConfig> files =
        target
            .context()
            .broadcast(new SerializableHadoopConfig(target.context().hadoopConfiguration()));
    try {
      double[] sum =
          read(data, files)
              .mapPartitions(new WorkerGradient(network, batchSize))
              .treeAggregate(new double[0], GradientJob::sum, GradientJob::sum, depth);
      INDArray gradient = target.gradient();
      gradient.assign(Nd4j.create(sum).reshape(gradient.shape()).castTo(gradient.dataType()));
    } finally {
      network.destroy();
      files.destroy();
    }
  }

  private static double[] sum(double[] a, double[] b) {
    if (a.length == 0) {
      return b.clone();
    }
    double[] sum = a.clone();
    for (int i = 0; i < b.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static JavaRDD<MultiDataSet> read(
      RoundData data, Broadcast<SerializableHadoopConfig> config) {
    if (data instanceof RoundData.DataSets sets) {
      return sets.rdd().map(DataSet::toMultiDataSet);
    } else if (data instanceof RoundData.MultiDataSets sets) {
      return sets.rdd();
    }
    boolean multi = data instanceof RoundData.MultiDataSetFiles;
    JavaRDD<String> files =
        data instanceof RoundData.DataSetFiles paths
            ? paths.rdd()
            : ((RoundData.MultiDataSetFiles) data).rdd();
    return files.map(new ReadFile(config, multi));
  }

  /** Reads a saved data set. */
  private record ReadFile(Broadcast<SerializableHadoopConfig> config, boolean multi)
      implements Function<String, MultiDataSet> {
    @Override
    public MultiDataSet call(String file) {
      Path path = new Path(file);
      try (InputStream in = path.getFileSystem(config.value().getConfiguration()).open(path)) {
        if (multi) {
          MultiDataSet set = new org.nd4j.linalg.dataset.MultiDataSet();
          set.load(in);
          return set;
        }
        DataSet set = new DataSet();
        set.load(in);
        return set.toMultiDataSet();
      } catch (IOException e) {
        throw new UncheckedIOException(file + ": " + e.getMessage(), e);
      }
    }
  }
}
