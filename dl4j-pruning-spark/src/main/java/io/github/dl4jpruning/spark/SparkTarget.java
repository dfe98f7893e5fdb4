package io.github.dl4jpruning.spark;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.core.loader.impl.SerializedDataSetLoader;
import org.deeplearning4j.core.loader.impl.SerializedMultiDataSetLoader;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A common interface to DL4J's two networks on Spark. */
sealed interface SparkTarget {

  /** Returns the network on the driver. */
  Model network();

  /** Returns the configuration of the network, without counts of iterations and epochs. */
  String configuration();

  JavaSparkContext context();

  /** Trains one round, and sets the average as the driver's network. */
  void train(ParameterAveragingTrainingMaster master, RoundData data);

  /** Returns what a worker makes its copy of the network from. */
  NetBroadcastTuple parts();

  /** Returns the driver's gradient array, which is made if there is none yet. */
  INDArray gradient();

  /** Returns the loss of the last round; DL4J gives it to its Spark network alone. */
  double score();

  /** Counts an epoch. */
  void countEpoch();

  /** A {@code MultiLayerNetwork}. */
  record Layers(SparkDl4jMultiLayer spark) implements SparkTarget {
    @Override
    public MultiLayerNetwork network() {
      return spark.getNetwork();
    }

    @Override
    public String configuration() {
      MultiLayerConfiguration copy = network().getLayerWiseConfigurations().clone();
      copy.setIterationCount(0);
      copy.setEpochCount(0);
      return copy.toJson();
    }

    @Override
    public JavaSparkContext context() {
      return spark.getSparkContext();
    }

    @Override
    public void train(ParameterAveragingTrainingMaster master, RoundData data) {
      if (data instanceof RoundData.DataSets sets) {
        master.executeTraining(spark, sets.rdd());
      } else if (data instanceof RoundData.DataSetFiles files) {
        master.executeTrainingPaths(spark, null, files.rdd(), new SerializedDataSetLoader(), null);
      } else {
        throw new IllegalArgumentException(
            "a MultiLayerNetwork trains on data sets with one input and one output");
      }
    }

    @Override
    public NetBroadcastTuple parts() {
      return new NetBroadcastTuple(
          network().getLayerWiseConfigurations(), network().params(), null);
    }

    @Override
    public INDArray gradient() {
      if (network().getGradientsViewArray() == null) {
        network().initGradientsView();
      }
      return network().getGradientsViewArray();
    }

    @Override
    public double score() {
      return spark.getScore();
    }

    @Override
    public void countEpoch() {
      network().incrementEpochCount();
    }
  }

  /** A {@code ComputationGraph}. */
  record Graph(SparkComputationGraph spark) implements SparkTarget {
    @Override
    public ComputationGraph network() {
      return spark.getNetwork();
    }

    @Override
    public String configuration() {
      // A copy of it has no counts.
      return network().getConfiguration().clone().toJson();
    }

    @Override
    public JavaSparkContext context() {
      return spark.getSparkContext();
    }

    @Override
    public void train(ParameterAveragingTrainingMaster master, RoundData data) {
      if (data instanceof RoundData.DataSets sets) {
        // As DL4J does it, but so that what it keeps in memory can be let go.
        JavaRDD<MultiDataSet> multi = sets.rdd().map(DataSet::toMultiDataSet);
        master.executeTrainingMDS(spark, multi);
        multi.unpersist(false);
      } else if (data instanceof RoundData.MultiDataSets sets) {
        master.executeTrainingMDS(spark, sets.rdd());
      } else if (data instanceof RoundData.DataSetFiles files) {
        master.executeTrainingPaths(null, spark, files.rdd(), new SerializedDataSetLoader(), null);
      } else if (data instanceof RoundData.MultiDataSetFiles files) {
        master.executeTrainingPaths(
            null, spark, files.rdd(), null, new SerializedMultiDataSetLoader());
      }
    }

    @Override
    public NetBroadcastTuple parts() {
      return new NetBroadcastTuple(network().getConfiguration(), network().params(), null);
    }

    @Override
    public INDArray gradient() {
      if (network().getGradientsViewArray() == null) {
        network().initGradientsView();
      }
      return network().getGradientsViewArray();
    }

    @Override
    public double score() {
      return spark.getScore();
    }

    @Override
    public void countEpoch() {
      network().incrementEpochCount();
    }
  }
}
