package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.export.Agreement;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Recurrent networks as C: whole sequences and single time steps. */
@SuppressWarnings("deprecation") // GravesLSTM has peepholes
class CSequencesTest {

  private static final int STEPS = 1_000;

  @TempDir private Path folder;

  private static MultiLayerNetwork network(Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(4).activation(Activation.TANH).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network =
        new MultiLayerNetwork(list.setInputType(InputType.recurrent(3)).build());
    network.init();
    return network;
  }

  private static MultiLayerNetwork recurrent() {
    return network(
        new LSTM.Builder().nOut(6).build(),
        new GravesLSTM.Builder().nOut(5).build(),
        new SimpleRnn.Builder().nOut(4).build(),
        new RnnOutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
  }

  @Test
  void shouldGoStepByStep() throws IOException {
    MultiLayerNetwork network = recurrent();
    COptions options = COptions.named("steps").compiledBy(Compilers.required());
    Random random = new Random(7);
    try (CompiledProgram program = CompiledProgram.of(InferencePlan.of(network), options)) {
      for (int sequence = 0; sequence < 2; sequence++) {
        float largest = 0f;
        program.reset();
        network.rnnClearPreviousState();
        for (int step = 0; step < STEPS / (1 + 9 * sequence); step++) {
          float[] input = {random.nextFloat(), random.nextFloat(), -random.nextFloat()};
          INDArray expected = network.rnnTimeStep(Nd4j.createFromArray(input).reshape(1, 3));
          float[] found = program.step(input)[0];
          for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(found[i] - expected.getFloat(i)));
          }
        }
        assertThat(largest).isLessThan(1e-5f);
      }
    }
  }

  @Test
  void shouldRunWholeSequencesInTheMemoryOfOneStep() throws IOException {
    COptions options = COptions.named("whole").compiledBy(Compilers.required());
    long one = CExporter.write(recurrent(), folder, options).memoryBytes();
    assertThat(Files.readString(folder.resolve("whole.h")))
        .contains("whole_step(", "whole_reset(void)")
        .doesNotContain("whole_run(", "STEPS");

    CReport report = CExporter.write(recurrent(), folder, options.withSteps(20));

    // Channels come first in DL4J's arrays, so a step is gathered and scattered.
    assertThat(report.memoryBytes()).isEqualTo(one + 4 * (3 + 2));
    assertThat(report.compiled().orElseThrow().largestDifference()).isLessThan(1e-5);
    assertThat(Files.readString(folder.resolve("whole.h")))
        .contains("whole_run(const float *input, float *output)", "#define WHOLE_STEPS 20")
        .contains("3 channels x 20 steps");
  }

  @Test
  void shouldRunOnlyAtTheEndWhatReadsTheLastStep() throws IOException {
    MultiLayerNetwork network =
        network(
            new LastTimeStep(new LSTM.Builder().nOut(6).build()),
            new DenseLayer.Builder().nOut(5).build(),
            new OutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
    COptions options = COptions.named("last").withSteps(9).compiledBy(Compilers.required());

    CReport report = CExporter.write(network, folder, options);

    assertThat(report.compiled().orElseThrow().largestDifference()).isLessThan(1e-5);
    assertThat(Files.readString(folder.resolve("last.c"))).contains("if (!last) {");
  }

  @Test
  void shouldTakeTheNumberOfStepsFromTheTypeOfTheInput() throws IOException {
    MultiLayerNetwork network = bidirectional();
    ExportOptions export = ExportOptions.defaults().withInputTypes(InputType.recurrent(3, 8));
    COptions options = COptions.named("both").with(export).compiledBy(Compilers.required());
    try (CompiledProgram program = CompiledProgram.of(InferencePlan.of(network, export), options)) {
      Agreement.check(network, Nd4j.rand(3, 3, 8), program::run, "bidirectional");
      assertThat(program.run(new float[3 * 7])).isEmpty();
    }
  }

  private static MultiLayerNetwork bidirectional() {
    return network(
        new Bidirectional(Bidirectional.Mode.ADD, new LSTM.Builder().nOut(6).build()),
        new RnnOutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
  }

  @Test
  void shouldNameTheLayerThatNeedsTheNumberOfSteps() {
    assertThatThrownBy(() -> CExporter.write(bidirectional(), folder, COptions.named("both")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer layer0")
        .hasMessageContaining("ReverseSteps")
        .hasMessageContaining("COptions.withSteps");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldTellStepsFromSamples() throws IOException {
    COptions options = COptions.named("both").compiledBy(Compilers.required());
    InferencePlan plan = InferencePlan.of(recurrent());
    float[] one = {0.1f, 0.2f, 0.3f};
    try (CompiledProgram alone = CompiledProgram.of(plan, options);
        CompiledProgram whole = CompiledProgram.of(plan, options.withSteps(4))) {
      for (int step = 0; step < 3; step++) {
        assertThat(whole.step(one)).isDeepEqualTo(alone.step(one));
      }
      whole.run(new float[12]);
      alone.reset();
      assertThat(whole.step(one)).as("a sample ends the steps").isDeepEqualTo(alone.step(one));
      assertThatThrownBy(() -> whole.step(new float[12]))
          .hasMessageContaining("expected 3 values of one time step, but found 12");
    }
    COptions fixed = options.withSteps(4);
    try (CompiledProgram program = CompiledProgram.of(InferencePlan.of(bidirectional()), fixed)) {
      assertThatThrownBy(() -> program.step(one)).isInstanceOf(IllegalStateException.class);
    }
  }

  /** The runtime and the compiled code see the same samples, however long they are. */
  @Test
  void shouldCompareRoundedWeightsOnTheSameSteps() throws IOException {
    MultiLayerNetwork network =
        network(
            new LSTM.Builder().nOut(16).build(),
            new RnnOutputLayer.Builder(LossFunctions.LossFunction.MSE).nOut(2).build());
    for (WeightFormat format : List.of(WeightFormat.EIGHT_BIT, WeightFormat.SHARED_16)) {
      for (int steps : new int[] {3, 20}) {
        COptions options =
            COptions.named("rounded")
                .withWeights(format)
                .withSteps(steps)
                .compiledBy(Compilers.required());
        CReport report = CExporter.write(network, folder, options);
        assertThat(report.compiled().orElseThrow().largestDifference())
            .isCloseTo(report.plan().largestDifference(), within(1e-4));
      }
    }
  }

  @Test
  void shouldRefuseLengthsThatCannotBe() {
    ExportOptions two =
        ExportOptions.defaults()
            .withInputTypes(InputType.recurrent(3, 8), InputType.recurrent(2, 5));
    assertThatThrownBy(() -> CExporter.steps(COptions.named("two").with(two)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[8, 5]");
    for (MultiLayerNetwork network : List.of(recurrent(), bidirectional())) {
      assertThatThrownBy(
              () ->
                  CExporter.write(network, folder, COptions.named("many").withSteps(1_000_000_000)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1000000000 time steps");
    }
  }
}
