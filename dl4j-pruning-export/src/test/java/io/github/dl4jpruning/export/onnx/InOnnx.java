package io.github.dl4jpruning.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Collects the networks of a test class and, at its end, compares them in ONNX Runtime with DL4J:
 * one process for all of them. An operation that ONNX does not have must be refused by name.
 */
public final class InOnnx implements BeforeAllCallback, AfterAllCallback {

  private final Map<String, INDArray> expected = new LinkedHashMap<>();
  private final List<String> refused = new ArrayList<>();
  private Path folder = Path.of("");

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    folder = Files.createTempDirectory("onnx");
  }

  /** Adds a network and a batch for it. */
  public void add(String what, MultiLayerNetwork network, InputType type, INDArray batch) {
    String name = "network" + expected.size();
    ExportOptions options = ExportOptions.defaults().withInputTypes(type);
    try {
      new OnnxRun(folder).add(name, network, options, Map.of("input", batch));
      expected.put(name + " " + what, RandomNetworks.output(network, batch).dup());
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("expected an operation that ONNX has");
      refused.add(what + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    OnnxRun run = new OnnxRun(folder);
    run.run();
    for (Map.Entry<String, INDArray> one : expected.entrySet()) {
      String name = one.getKey().substring(0, one.getKey().indexOf(' '));
      OnnxRun.assertClose(run.outputs(name).get("output"), one.getValue(), one.getKey());
    }
    assertThat(refused)
        .as("what ONNX cannot do")
        .allMatch(text -> text.contains("skips masked steps") || text.contains("dilation"));
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
