package io.github.dl4jpruning.models;

import io.github.dl4jpruning.model.InputGuess;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Predicts with a model of any kind, runtime files included, one row for each sample.
 *
 * @param features the number of inputs of a sample; empty if any number will do
 * @param function the predictions for samples × features
 */
public record Predictor(
    OptionalLong features, java.util.function.Function<INDArray, INDArray> function) {

  /**
   * Reads a model with one input and one output.
   *
   * @param file a zip saved by DL4J, a checkpoint, a compact file, a Keras 2 file, or a runtime
   *     file
   * @return what predicts with it; a normaliser that is stored with the model is applied
   * @throws IOException if it is not such a file, or it is damaged
   */
  public static Predictor load(Path file) throws IOException {
    if (Files.isRegularFile(file) && FileKind.of(file) == FileKind.RUNTIME) {
      return of(SparseModel.load(file));
    }
    ModelFile model = ModelFile.load(file);
    Model network = model.network();
    return new Predictor(
        InputGuess.of(NetworkTopology.of(network), 0).stream()
            .mapToLong(InputType::arrayElementsPerExample)
            .findFirst(),
        features -> {
          INDArray input = features.dup();
          model.normalizer().ifPresent(normalizer -> normalizer.transform(input));
          return network instanceof ComputationGraph graph
              ? graph.outputSingle(input)
              : ((MultiLayerNetwork) network).output(input);
        });
  }

  private static Predictor of(SparseModel model) {
    SparseModel.Session session = model.newSession();
    return new Predictor(
        OptionalLong.of(model.inputs().get(0).length()),
        features -> {
          float[][] rows = new float[(int) features.size(0)][];
          for (int r = 0; r < rows.length; r++) {
            rows[r] = session.run(features.getRow(r).dup('c').data().asFloat());
          }
          return Nd4j.createFromArray(rows);
        });
  }

  /**
   * Predicts for all samples of some data.
   *
   * @param data the samples
   * @return samples × outputs
   * @throws IllegalArgumentException if a sample has another number of features
   */
  public INDArray predict(DataSet data) {
    INDArray input = data.getFeatures();
    long width = input.length() / input.size(0);
    if (features.isPresent() && features.getAsLong() != width) {
      throw new IllegalArgumentException(
          "expected data with the "
              + features.getAsLong()
              + " inputs of the model, but found "
              + width);
    }
    return function.apply(input);
  }
}
