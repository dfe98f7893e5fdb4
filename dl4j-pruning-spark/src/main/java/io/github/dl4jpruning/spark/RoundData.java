package io.github.dl4jpruning.spark;

import org.apache.spark.api.java.JavaRDD;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The data of a round, in the form in which it was given. */
sealed interface RoundData {

  /** Returns the objects. */
  JavaRDD<?> rdd();

  /** For networks with one input and one output. */
  record DataSets(JavaRDD<DataSet> rdd) implements RoundData {}

  /** For graphs. */
  record MultiDataSets(JavaRDD<MultiDataSet> rdd) implements RoundData {}

  /** Files that hold a data set each. */
  record DataSetFiles(JavaRDD<String> rdd) implements RoundData {}

  /** Files that hold a {@code MultiDataSet} each. */
  record MultiDataSetFiles(JavaRDD<String> rdd) implements RoundData {}
}
