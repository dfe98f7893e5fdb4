package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dl4jpruning.export.Agreement;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RandomExports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class CExporterTest {

  @TempDir private Path folder;

  private static MultiLayerNetwork network(InputType type, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(4).activation(Activation.TANH).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(type).build());
    network.init();
    return network;
  }

  /** A perceptron of which most weights are zero. */
  private static MultiLayerNetwork perceptron() {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(300),
            new DenseLayer.Builder().nOut(50).activation(Activation.RELU).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(10)
                .activation(Activation.SOFTMAX)
                .build());
    Random random = new Random(6);
    INDArray weights = network.getParam("0_W");
    for (long i = 0; i < weights.length(); i++) {
      weights.putScalar(i, random.nextInt(20) == 0 ? weights.getDouble(i) : 0.0);
    }
    return network;
  }

  @Test
  void shouldWriteFilesAndTheCheck() throws IOException {
    Path made = folder.resolve("firm ware");
    CReport report = CExporter.write(perceptron(), made, COptions.named("digits"));

    try (Stream<Path> files = Files.list(made)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("digits.h", "digits.c", "digits.c.check.json");
    }
    String header = Files.readString(made.resolve("digits.h"));
    assertThat(header)
        .contains("int digits_run(const float *input, float *output);")
        .contains("#define DIGITS_INPUT_SIZE 300")
        .contains("#define DIGITS_OUTPUT_SIZE 10")
        .contains("#define DIGITS_MEMORY_BYTES " + report.memoryBytes())
        .contains("#define DIGITS_CONSTANT_BYTES " + report.constantBytes())
        .contains("64 random samples")
        .doesNotContain("_step");
    String source = Files.readString(made.resolve("digits.c"));
    assertThat(source)
        .contains("#include <math.h>\n#include <stdint.h>\n")
        .containsOnlyOnce("#include <math.h>")
        .doesNotContain("malloc");
    assertThat(source.lines().mapToInt(String::length).max().orElse(0)).isLessThanOrEqualTo(125);
    assertThat(report.memoryBytes()).isEqualTo(4 * (50 + 10));
    assertThat(report.compiled()).isEmpty();
    assertThat(Files.readString(made.resolve("digits.c.check.json")))
        .contains("\"constantBytes\" : " + report.constantBytes())
        .doesNotContain("compiled");
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void shouldCompareWhatWasCompiled(WeightFormat format) throws IOException {
    COptions options =
        COptions.named("digits").withWeights(format).compiledBy(Compilers.required());

    CReport report = CExporter.write(perceptron(), folder, options);

    CReport.Compiled compiled = report.compiled().orElseThrow();
    assertThat(compiled.samples()).isEqualTo(64);
    assertThat(compiled.nanos()).isBetween(50.0, 1e6);
    assertThat(compiled.largestDifference())
        .isCloseTo(report.plan().largestDifference(), org.assertj.core.api.Assertions.within(1e-5));
    double most = format == WeightFormat.FLOAT ? 1e-5 : 0.5;
    assertThat(compiled.largestDifference()).isLessThan(most);
    compiled
        .sections()
        .ifPresent(
            sections -> {
              assertThat(sections.constants())
                  .isBetween(report.constantBytes(), report.constantBytes() + 400);
              assertThat(sections.memory()).isEqualTo(report.memoryBytes());
              assertThat(sections.text()).isBetween(200L, 10_000L);
            });
    assertThat(report.toString()).contains("compiled and run on", "bytes of constants");
    assertThat(report.toJson()).contains("\"compiled\"", "\"nanos\"");
  }

  @Test
  void shouldTakeLessThanFloats() throws IOException {
    long floats = bytes(WeightFormat.FLOAT);
    long eight = bytes(WeightFormat.EIGHT_BIT);
    long shared = bytes(WeightFormat.SHARED_16);
    assertThat(eight).isLessThan(floats * 6 / 10);
    assertThat(shared).isLessThan(eight);
  }

  private long bytes(WeightFormat format) throws IOException {
    COptions options = COptions.named("digits").withWeights(format);
    return CExporter.write(perceptron(), folder, options).constantBytes();
  }

  /** Sources for 32 bits, where the machine has libraries for them. */
  @Test
  void shouldRunIn32Bits() throws IOException {
    CCompiler compiler = new CCompiler(List.of("gcc", "-m32"));
    Path empty = Files.writeString(folder.resolve("a.c"), "int main(void)\n{\n  return 0;\n}\n");
    try {
      compiler.link(folder.resolve("a"), empty);
    } catch (IOException e) {
      assumeTrue(false, "skipped: gcc -m32 makes no programs on this machine");
    }
    for (RandomExports.Case one : RandomExports.first(12)) {
      ExportOptions export = ExportOptions.defaults().withInputTypes(one.inputType());
      COptions options = COptions.named("small").with(export).compiledBy(compiler);
      try (CompiledProgram program =
          CompiledProgram.of(InferencePlan.of(one.network(), export), options)) {
        Agreement.check(one.network(), one.batch(), program::run, one.toString());
      }
    }
  }

  private static ComputationGraph graph() {
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .activation(Activation.TANH)
            .graphBuilder()
            .addInputs("左 */", "int")
            .setInputTypes(InputType.feedForward(5), InputType.feedForward(3))
            .addLayer("全連接", new DenseLayer.Builder().nOut(4).build(), "左 */")
            .addLayer("層", new DenseLayer.Builder().nOut(4).build(), "全連接")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "全連接", "層")
            .addVertex("while", new MergeVertex(), "sum", "int")
            .addLayer("a b", output(2), "while")
            .addLayer("a-b", output(3), "sum")
            .setOutputs("a b", "a-b")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    return graph;
  }

  private static Layer output(int size) {
    return new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(size).build();
  }

  @Test
  void shouldNameParametersAfterInputsAndOutputs() throws IOException {
    ExportOptions types =
        ExportOptions.defaults().withInputTypes(InputType.feedForward(5), InputType.feedForward(3));
    COptions options = COptions.named("two").with(types).compiledBy(Compilers.required());

    CReport report = CExporter.write(graph(), folder, options);

    assertThat(Files.readString(folder.resolve("two.h")))
        .contains(
            "int two_run(const float *input, const float *input_int, float *output_a_b, float"
                + " *output_a_b_2);")
        .contains("#define TWO_INPUT_INT_SIZE 3")
        .contains("#define TWO_OUTPUT_A_B_2_SIZE 3");
    assertThat(report.compiled().orElseThrow().largestDifference()).isLessThan(1e-5);
  }

  @Test
  void shouldHoldOnePlaneOfAConvolutionThatIsPooled() throws IOException {
    MultiLayerNetwork network =
        network(
            InputType.convolutional(12, 12, 1),
            new ConvolutionLayer.Builder(3, 3).nOut(8).activation(Activation.RELU).build(),
            new SubsamplingLayer.Builder(2, 2).stride(2, 2).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());

    ExportOptions types =
        ExportOptions.defaults().withInputTypes(InputType.convolutional(12, 12, 1));
    CReport report = CExporter.write(network, folder, COptions.named("planes").with(types));

    assertThat(report.memoryBytes()).isEqualTo(4 * (10 * 10 + 8 * 5 * 5));
  }

  @Test
  void shouldRefuseWordsThatItDoesNotKnow() throws IOException {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(20),
            new EmbeddingLayer.Builder().nIn(20).nOut(3).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
    for (WeightFormat format : WeightFormat.values()) {
      COptions options =
          COptions.named("words").withWeights(format).compiledBy(Compilers.required());
      assertThat(CExporter.write(network, folder, options).compiled()).isPresent();
      try (CompiledProgram program = CompiledProgram.of(InferencePlan.of(network), options)) {
        assertThat(program.run(new float[] {19f})).hasDimensions(1, 2);
        for (float word : new float[] {-1f, 20f, Float.NaN, Float.POSITIVE_INFINITY}) {
          assertThatThrownBy(() -> program.run(new float[] {word}))
              .hasMessageContaining("numbers of words");
        }
      }
    }
  }

  @Test
  void shouldChangeNothingIfItCannotWrite() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> CExporter.write(perceptron(), file, COptions.named("digits")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file");
    assertThat(file).hasContent("mine");

    CExporter.write(perceptron(), folder, COptions.named("digits"));
    String before = Files.readString(folder.resolve("digits.c"));
    ExportOptions impossible = ExportOptions.defaults().withTolerance(0);
    COptions options = COptions.named("digits").with(impossible);
    assertThatThrownBy(() -> CExporter.write(perceptron(), folder, options))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("digits.c is not written");
    assertThat(folder.resolve("digits.c")).hasContent(before);
  }

  @Test
  void shouldTakeAnyNameOfALayerAndAnyNameOfAProgram() throws IOException {
    MultiLayerNetwork network =
        network(
            InputType.feedForward(4),
            new DenseLayer.Builder().nOut(3).name("a".repeat(300)).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                .name("*/ int main(void) { /* ??/")
                .nOut(2)
                .build());
    for (String name : List.of("driver", "program", "memory", "a", "abcdefghijklmnopqrstuvwxy")) {
      COptions options = COptions.named(name).compiledBy(Compilers.required());
      assertThat(CExporter.write(network, folder, options).compiled()).isPresent();
    }
    CCompiler plain = new CCompiler(List.of(Compilers.required().command().get(0)));
    assertThat(CCompiler.find()).contains(plain);
  }

  @Test
  void shouldHoldTheCompiledCodeToTheTolerance() throws IOException {
    COptions options = COptions.named("strict").compiledBy(Compilers.required());
    double reached =
        CExporter.write(perceptron(), folder, options).compiled().orElseThrow().largestDifference();
    ExportOptions impossible = ExportOptions.defaults().withTolerance(reached / 1_000);
    assertThatThrownBy(() -> CExporter.write(perceptron(), folder, options.with(impossible)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldRefuseHalfPrecision() {
    ExportOptions half = ExportOptions.defaults().withHalfPrecision();
    assertThatThrownBy(() -> COptions.named("digits").with(half))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 bits");
    assertThatThrownBy(() -> COptions.named("digits").withSteps(-1))
        .hasMessageContaining("found -1");
    assertThatThrownBy(() -> COptions.named("digits").withSteps(0)).hasMessageContaining("found 0");
  }

  @Test
  void shouldSayWhatTheCompilerSays() {
    CCompiler wrong = new CCompiler(List.of(Compilers.required().command().get(0), "-fno-such"));
    assertThatThrownBy(
            () -> CExporter.write(perceptron(), folder, COptions.named("x").compiledBy(wrong)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("-fno-such")
        .hasMessageContaining("failed");
    assertThat(folder.resolve("x.c")).doesNotExist();
  }

  @Test
  void shouldReadSizes() {
    String printed =
        """
        digits.o  :
        section            size   addr
        .text              1181      0
        .text.startup        19      0
        .rodata           20208      0
        .rodata.cst4         16      0
        .bss               1028      0
        Total             23309
        """;
    assertThat(SectionSizes.parse(printed)).contains(new SectionSizes(1200, 20224, 1028));
    assertThat(SectionSizes.parse("size: unknown option -- A")).isEqualTo(Optional.empty());
  }
}
