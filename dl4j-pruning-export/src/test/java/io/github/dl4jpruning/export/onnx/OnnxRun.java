package io.github.dl4jpruning.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.onnx.OnnxMain.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models that wait to be run in ONNX Runtime, in a process of their own. */
final class OnnxRun {

  /** Relative to the largest output. */
  private static final double TOLERANCE = 1e-4;

  private final Path folder;

  OnnxRun(Path folder) {
    this.folder = folder;
  }

  /** Adds a network, and its inputs by name. */
  void add(String name, Model network, ExportOptions options, Map<String, INDArray> inputs)
      throws IOException {
    add(name, OnnxModel.of(InferencePlan.of(network, options), options).toByteArray(), inputs);
  }

  void add(String name, byte[] model, Map<String, INDArray> inputs) throws IOException {
    Files.write(folder.resolve(name + ".onnx"), model);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    inputs.forEach(
        (input, array) ->
            tensors.put(input, new Tensor(array.shape(), array.dup('c').data().asFloat())));
    OnnxMain.write(folder.resolve(name + ".in"), tensors);
  }

  /** Runs all models. */
  void run() throws IOException, InterruptedException {
    String path = place(OnnxMain.class) + java.io.File.pathSeparator + place(OrtEnvironment.class);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                path,
                OnnxMain.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What ONNX Runtime says of inputs and outputs, a line for each. */
  String info(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".info"));
  }

  Map<String, Tensor> outputs(String name) throws IOException {
    Path error = folder.resolve(name + ".error");
    assertThat(Files.exists(error) ? Files.readString(error) : "").as(name).isEmpty();
    return OnnxMain.read(folder.resolve(name + ".out"));
  }

  static void assertClose(Tensor found, INDArray expected, String what) {
    float[] wanted = expected.dup('c').data().asFloat();
    assertThat(found.values()).as(what).hasSameSizeAs(wanted);
    double largest = Float.MIN_NORMAL;
    for (float value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < wanted.length; i++) {
      assertThat(Math.abs((double) found.values()[i] - wanted[i]))
          .as("output %d of %s: expected %s, but found %s", i, what, wanted[i], found.values()[i])
          .isLessThanOrEqualTo(TOLERANCE * largest);
    }
  }
}
