package io.github.dl4jpruning.export.onnx;

import io.github.dl4jpruning.export.CheckedPlan;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.InferencePlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;

/**
 * Writes a network as an ONNX model, which ONNX Runtime, OpenVINO, TensorRT and browsers run.
 *
 * <pre>{@code
 * OnnxExporter.write(network, Path.of("model.onnx"));
 * }</pre>
 *
 * <p>The model has operator set 13 and IR version 8. Its inputs and outputs have the names and the
 * layouts of the network's arrays; those of a {@code MultiLayerNetwork} are named {@code input} and
 * {@code output}. An output that DL4J gives as one row for each time step is examples × steps ×
 * channels here. The number of examples and the length of sequences are free. Dead units are taken
 * out, and batch normalisation is part of the layers before it. Weights that are zero are written
 * and multiplied like any other, since engines do so too.
 */
public final class OnnxExporter {

  private OnnxExporter() {}

  /**
   * Writes a network with the default options.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param file the destination; written under a temporary name and renamed
   * @return a report of what was written
   * @throws IllegalArgumentException if a layer has no form in ONNX; nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static ExportReport write(Model network, Path file) throws IOException {
    return write(network, file, ExportOptions.defaults());
  }

  /**
   * Writes a network.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}; not
   *     changed
   * @param file the destination; written under a temporary name and renamed
   * @param options types of inputs, a normaliser, half precision, sparse initialisers, data to
   *     check on
   * @return a report of what was written, and of how the plan behind it compares with DL4J
   * @throws IllegalArgumentException if a layer has no form in ONNX; nothing is written then
   * @throws IllegalStateException if outputs of the plan differ from those of DL4J by more than the
   *     tolerance; nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static ExportReport write(Model network, Path file, ExportOptions options)
      throws IOException {
    InferencePlan plan = InferencePlan.of(network, options);
    byte[] model = OnnxModel.of(plan, options).toByteArray(); // refuses before the check runs
    return CheckedPlan.of(network, plan, options, 0, file).write(file, model);
  }

  /**
   * Writes a plan to a stream, without a check.
   *
   * @param plan the plan
   * @param options half precision and sparse initialisers; the rest is in the plan already
   * @param out the destination; not closed
   * @throws IllegalArgumentException if an operation has no form in ONNX; nothing is written then
   * @throws IOException if the stream cannot be written
   */
  public static void write(InferencePlan plan, ExportOptions options, OutputStream out)
      throws IOException {
    OnnxModel.of(plan, options).writeTo(out);
  }
}
