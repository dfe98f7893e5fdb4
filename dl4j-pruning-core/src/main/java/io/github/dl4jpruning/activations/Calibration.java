package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.batches.TrainingData;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.reconstruct.PairedMoments;
import io.github.dl4jpruning.reconstruct.SecondMoments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inputs without labels. Each question reads all of them anew, so that no more than a batch is in
 * memory.
 *
 * @param data the inputs
 * @param cancelled asked before each batch
 */
public record Calibration(TrainingData data, BooleanSupplier cancelled) {

  /** Receives a network after each forward pass, the inputs of its layers still in place. */
  @FunctionalInterface
  interface Reader {
    /** Reads; the masks are those of the features. */
    void read(List<INDArray> masks);
  }

  void forward(Model network, Reader reader) {
    data.forEach(
        batch -> {
          checkCancelled();
          forward(network, batch);
          reader.read(masks(batch));
          clear(network);
        });
  }

  private void checkCancelled() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("one-shot pruning was cancelled");
    }
  }

  private static void forward(Model network, MultiDataSet batch) {
    INDArray[] features = batch.getFeatures();
    try {
      if (network instanceof ComputationGraph graph) {
        graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), null);
        graph.feedForward(features, false, false);
      } else {
        MultiLayerNetwork layers = (MultiLayerNetwork) network;
        layers.setInput(features[0]);
        layers.setLayerMaskArrays(
            batch.getFeaturesMaskArrays() == null ? null : batch.getFeaturesMaskArray(0), null);
        layers.feedForward(false, false);
      }
    } catch (RuntimeException e) { // layers throw various exceptions
      throw new IllegalArgumentException(
          "calibration must have inputs that the network takes, but it refuses a batch of the shape"
              + " "
              + Arrays.stream(features)
                  .map(array -> Arrays.toString(array.shape()))
                  .collect(Collectors.joining(", "))
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Forgets the batch, so that it is not held until the next one. */
  private static void clear(Model network) {
    if (network instanceof ComputationGraph graph) {
      graph.clear();
      graph.clearLayerMaskArrays();
      for (GraphVertex vertex : graph.getVertices()) {
        vertex.clear();
      }
    } else {
      MultiLayerNetwork layers = (MultiLayerNetwork) network;
      layers.clear();
      layers.clearLayerMaskArrays();
    }
  }

  /**
   * Gathers the second moments of the inputs of a layer.
   *
   * @param network the network
   * @param linear the layer
   * @return the moments, centred if the layer has a bias
   * @throws IllegalStateException if an input is NaN or infinite
   */
  public SecondMoments moments(NetworkParameters network, LinearLayer linear) {
    int size = linear.columns();
    Layer layer = layer(network, linear);
    INDArray products = Nd4j.create(DataType.DOUBLE, new long[] {size, size}, 'f');
    INDArray sums = Nd4j.zeros(DataType.DOUBLE, size);
    long[] samples = new long[1];
    forward(
        network.model(),
        masks ->
            LayerInputs.forEach(
                layer,
                masks,
                rows -> {
                  if (!Double.isFinite(rows.sumNumber().doubleValue())) {
                    throw new IllegalStateException(
                        linear.name()
                            + ": expected finite inputs, but found NaN or an infinity in those of"
                            + " the calibration data");
                  }
                  add(rows, rows, products);
                  sums.addi(rows.sum(0));
                  samples[0] += rows.size(0);
                }));
    if (samples[0] == 0) {
      throw new IllegalStateException(
          linear.name() + ": expected inputs, but all steps of the calibration data are masked");
    }
    return SecondMoments.of(
        taken(products), sums.toDoubleVector(), samples[0], linear.bias().isPresent());
  }

  /**
   * Gathers the moments of the inputs of a layer in two networks, sample by sample.
   *
   * @param original the network before it was pruned
   * @param pruned the network as it is now
   * @param linear the layer
   * @return the moments, centred if the layer has a bias
   * @throws IllegalStateException if an input is NaN or infinite
   */
  public PairedMoments paired(
      NetworkParameters original, NetworkParameters pruned, LinearLayer linear) {
    SecondMoments now = moments(pruned, linear);
    SecondMoments before = moments(original, linear);
    int size = linear.columns();
    Layer old = layer(original, linear);
    Layer present = layer(pruned, linear);
    INDArray products = Nd4j.create(DataType.DOUBLE, new long[] {size, size}, 'f');
    long[] samples = new long[1];
    data.forEach(
        batch -> {
          checkCancelled();
          List<INDArray> pieces = new ArrayList<>();
          forward(original.model(), batch);
          LayerInputs.forEach(old, masks(batch), pieces::add);
          clear(original.model());
          forward(pruned.model(), batch);
          Iterator<INDArray> was = pieces.iterator();
          LayerInputs.forEach(
              present,
              masks(batch),
              rows -> {
                add(rows, was.next(), products);
                samples[0] += rows.size(0);
              });
          clear(pruned.model());
        });
    return PairedMoments.of(now, before, taken(products), samples[0]);
  }

  /** Moves a matrix to the heap. Waiting for the collector would keep both for long. */
  private static double[][] taken(INDArray products) {
    double[][] matrix = products.toDoubleMatrix();
    products.close();
    return matrix;
  }

  /** Adds rowsᵀ·others in place: a product of its own would stay until the next collection. */
  private static void add(INDArray rows, INDArray others, INDArray products) {
    Nd4j.gemm(rows, others, products, true, false, 1.0, 1.0);
  }

  private static Layer layer(NetworkParameters network, LinearLayer linear) {
    return network.layer(linear.name()).flatMap(LayerInputs::innermost).orElseThrow();
  }

  private static List<INDArray> masks(MultiDataSet batch) {
    INDArray[] masks = batch.getFeaturesMaskArrays();
    return masks == null ? List.of() : Arrays.stream(masks).filter(Objects::nonNull).toList();
  }
}
