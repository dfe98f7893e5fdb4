package io.github.dl4jpruning.models;

import io.github.dl4jpruning.runtime.Port;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Predicts with a model of any kind, runtime files included.
 *
 * @param form what the model reads and gives
 * @param kind the kind of the file
 * @param normalizes whether a normaliser is stored with the model and applied
 * @param function the predictions for a batch
 */
public record Predictor(
    NetworkForm form, FileKind kind, boolean normalizes, Function<DataSet, INDArray> function) {

  /**
   * Reads a model with one input and one output.
   *
   * @param file a zip saved by DL4J, a checkpoint, a compact file, a Keras 2 file, or a runtime
   *     file
   * @param shape the shape of its input if it leaves it open
   * @return what predicts with it; a normaliser that is stored with the model is applied
   * @throws IOException if it is not such a file, or it is damaged
   * @throws IllegalArgumentException if it has several inputs or outputs, or its input is not known
   */
  public static Predictor load(Path file, Optional<InputShape> shape) throws IOException {
    if (Files.isRegularFile(file) && FileKind.of(file) == FileKind.RUNTIME) {
      return of(SparseModel.load(file));
    }
    ModelFile model = ModelFile.load(file);
    Predictor plain = of(model.network(), NetworkForm.of(model.network(), shape));
    Optional<DataNormalization> normalizer = model.normalizer();
    return new Predictor(
        plain.form(),
        model.kind(),
        normalizer.isPresent(),
        batch -> {
          DataSet own = batch.copy();
          normalizer.ifPresent(
              fitted -> fitted.transform(own.getFeatures(), own.getFeaturesMaskArray()));
          INDArray predictions = plain.function().apply(own);
          normalizer
              .filter(DataNormalization::isFitLabel)
              .ifPresent(fitted -> fitted.revertLabels(predictions, own.getLabelsMaskArray()));
          return predictions;
        });
  }

  /**
   * Predicts with a network.
   *
   * @param network a {@code MultiLayerNetwork} or {@code ComputationGraph} with one input and one
   *     output
   * @param form its form
   * @return what predicts with it
   */
  public static Predictor of(Model network, NetworkForm form) {
    return new Predictor(
        form,
        FileKind.ZIP,
        false,
        batch -> {
          INDArray features = batch.getFeatures();
          @Nullable INDArray mask = batch.getFeaturesMaskArray();
          if (network instanceof ComputationGraph graph) {
            INDArray[] masks = mask == null ? null : new INDArray[] {mask};
            return graph.output(false, new INDArray[] {features}, masks, null)[0];
          }
          return ((MultiLayerNetwork) network).output(features, false, mask, null);
        });
  }

  private static Predictor of(SparseModel model) {
    if (model.inputs().size() != 1 || model.outputs().size() != 1) {
      throw new IllegalArgumentException(
          "expected a model with one input and one output, but found "
              + model.inputs().size()
              + " and "
              + model.outputs().size());
    }
    Port input = model.inputs().get(0);
    Port output = model.outputs().get(0);
    NetworkForm form =
        new NetworkForm(
            type(input),
            output.isSequence() ? output.channels() : output.length(),
            output.isSequence() ? Optional.of(format(output)) : Optional.empty(),
            false);
    SparseModel.Session session = model.newSession();
    return new Predictor(form, FileKind.RUNTIME, false, batch -> run(session, input, form, batch));
  }

  private static InputType type(Port input) {
    if (input.isSequence()) {
      return InputType.recurrent(input.channels(), format(input));
    } else if (input.length() == input.channels()) {
      return InputType.feedForward(input.length());
    }
    return InputType.convolutional(
        input.height(),
        input.width(),
        input.channels(),
        input.isChannelsLast() ? CNN2DFormat.NHWC : CNN2DFormat.NCHW);
  }

  private static RNNFormat format(Port port) {
    return port.isChannelsLast() ? RNNFormat.NWC : RNNFormat.NCW;
  }

  /** Runs the samples one by one, each sequence with its own length. */
  private static INDArray run(
      SparseModel.Session session, Port input, NetworkForm form, DataSet batch) {
    INDArray features = batch.getFeatures();
    int n = (int) features.size(0);
    INDArray all = Nd4j.create(batch.getLabels().shape());
    for (int i = 0; i < n; i++) {
      INDArray sample = own(features.slice(i), batch.getFeaturesMaskArray(), i, input);
      float[] result = session.run(sample.dup('c').data().asFloat());
      INDArray row = all.slice(i);
      if (form.steps().isEmpty()) {
        row.assign(Nd4j.createFromArray(result).reshape(row.shape()));
      } else {
        boolean stepsFirst = form.steps().get() == RNNFormat.NWC;
        int steps = result.length / form.outputs();
        INDArray values = Nd4j.createFromArray(result);
        if (stepsFirst) {
          row.get(NDArrayIndex.interval(0, steps), NDArrayIndex.all())
              .assign(values.reshape(steps, form.outputs()));
        } else {
          row.get(NDArrayIndex.all(), NDArrayIndex.interval(0, steps))
              .assign(values.reshape(form.outputs(), steps));
        }
      }
    }
    return all;
  }

  /** Cuts a sequence to its own length. */
  private static INDArray own(INDArray sample, @Nullable INDArray mask, int i, Port input) {
    if (mask == null || !input.isSequence()) {
      return sample;
    }
    int steps = mask.getRow(i).sumNumber().intValue();
    return input.isChannelsLast()
        ? sample.get(NDArrayIndex.interval(0, steps), NDArrayIndex.all())
        : sample.get(NDArrayIndex.all(), NDArrayIndex.interval(0, steps));
  }

  /**
   * Predicts for all samples of a batch.
   *
   * @param data the samples; the labels only give the shape of the result
   * @return predictions of the shape of the labels
   */
  public INDArray predict(DataSet data) {
    return function.apply(data);
  }
}
