package io.github.dl4jpruning.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Computes the gradient of the driver's network on the first batch of a partition, summed over its
 * examples. It runs as a job of its own, so a task that Spark tries again counts once.
 *
 * @param network the network
 * @param batchSize the size of a worker's batch
 */
record WorkerGradient(Broadcast<NetBroadcastTuple> network, int batchSize)
    implements FlatMapFunction<Iterator<MultiDataSet>, double[]> {

  @Override
  public Iterator<double[]> call(Iterator<MultiDataSet> data) {
    List<MultiDataSet> batch = new ArrayList<>();
    long examples = 0;
    while (data.hasNext() && examples < batchSize) {
      MultiDataSet next = data.next();
      batch.add(next);
      examples += next.getFeatures(0).size(0);
    }
    return batch.isEmpty()
        ? Collections.emptyIterator()
        : List.of(gradient(org.nd4j.linalg.dataset.MultiDataSet.merge(batch))).iterator();
  }

  private double[] gradient(MultiDataSet batch) {
    NetBroadcastTuple parts = network.value();
    if (parts.getConfiguration() != null) {
      MultiLayerNetwork copy = new MultiLayerNetwork(parts.getConfiguration().clone());
      copy.init(parts.getParameters().dup(), false);
      copy.initGradientsView();
      copy.setInput(batch.getFeatures(0));
      copy.setLabels(batch.getLabels(0));
      if (batch.hasMaskArrays()) {
        copy.setLayerMaskArrays(batch.getFeaturesMaskArray(0), batch.getLabelsMaskArray(0));
      }
      copy.computeGradientAndScore();
      return copy.getGradientsViewArray().dup().data().asDouble();
    }
    ComputationGraph copy = new ComputationGraph(parts.getGraphConfiguration().clone());
    copy.init(parts.getParameters().dup(), false);
    copy.initGradientsView();
    copy.setInputs(batch.getFeatures());
    copy.setLabels(batch.getLabels());
    copy.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    copy.computeGradientAndScore();
    return copy.getGradientsViewArray().dup().data().asDouble();
  }
}
