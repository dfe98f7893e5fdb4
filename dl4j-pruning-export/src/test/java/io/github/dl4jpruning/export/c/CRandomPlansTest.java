package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.runtime.SparseModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random plans give as compiled C what they give in the runtime, in all formats of weights: several
 * inputs and outputs, values in the memory of others, sequences as a whole and step by step.
 */
class CRandomPlansTest {

  private static final int PLANS = Boolean.getBoolean("pruning.fullMatrix") ? 1_000 : 60;
  private static final int SAMPLES = 3;

  private static final List<WeightFormat> FORMATS = List.of(WeightFormat.values());

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Sample(float[][] inputs, float[][] outputs) {}

  @Test
  void shouldGiveWhatTheRuntimeGives() throws IOException {
    CCompiler compiler = Compilers.required();
    int done = 0;
    int stepwise = 0;
    for (long seed = 0; done < PLANS; seed++) {
      WeightFormat format = FORMATS.get((int) (seed % FORMATS.size()));
      RandomPlans random = new RandomPlans(seed);
      InferencePlan plan;
      List<Sample> samples;
      try {
        plan = random.plan();
        samples = samples(random, plan, format);
      } catch (IOException | IllegalArgumentException | ArithmeticException e) {
        continue; // its operations do not fit together
      }
      boolean sequences =
          plan.inputs().stream().anyMatch(i -> i.form() == InferencePlan.Form.SEQUENCE);
      COptions options = COptions.named("plan").withWeights(format).compiledBy(compiler);
      if (sequences) {
        check(plan, options.withSteps(random.timeSteps), samples, "seed " + seed);
      }
      if (!sequences || random.stepwise) {
        check(plan, options, samples, "seed " + seed + ", step by step");
        stepwise += sequences ? 1 : 0;
      }
      done++;
    }
    assertThat(stepwise).isGreaterThan(PLANS / 10);
  }

  private static List<Sample> samples(RandomPlans random, InferencePlan plan, WeightFormat format)
      throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    RuntimeExporter.write(
        plan.withWeights(matrix -> PackedMatrix.values(matrix, format).decoded()),
        ExportOptions.defaults(),
        file);
    SparseModel.Session session =
        SparseModel.load(new ByteArrayInputStream(file.toByteArray())).newSession();
    List<Sample> samples = new ArrayList<>();
    for (int s = 0; s < SAMPLES; s++) {
      float[][] inputs = new float[plan.inputs().size()][];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = input(random, plan.inputs().get(i));
        session.set(plan.inputs().get(i).name(), inputs[i]);
      }
      session.run();
      float[][] outputs =
          plan.outputs().stream().map(o -> session.get(o.name())).toArray(float[][]::new);
      samples.add(new Sample(inputs, outputs));
    }
    return samples;
  }

  /** Numbers for an input; some steps of sequences are masked. */
  private static float[] input(RandomPlans random, InferencePlan.Input input) {
    int item = input.sizes().stream().reduce(1, (a, b) -> a * b);
    boolean sequence = input.form() == InferencePlan.Form.SEQUENCE;
    int steps = sequence ? random.timeSteps : 1;
    float[] numbers = random.numbers(item * steps);
    for (int step = 0; sequence && step < steps; step++) {
      boolean masked = random.random.nextInt(4) == 0;
      for (int c = 0; c < item && masked; c++) {
        numbers[input.channelsLast() ? step * item + c : c * steps + step] = RandomPlans.MASKED;
      }
    }
    return numbers;
  }

  private static void check(InferencePlan plan, COptions options, List<Sample> samples, String what)
      throws IOException {
    try (CompiledProgram program = CompiledProgram.of(plan, options)) {
      for (Sample sample : samples) {
        float[][] found = program.run(sample.inputs());
        assertThat(found.length).as(what).isEqualTo(sample.outputs().length);
        for (int o = 0; o < found.length; o++) {
          assertClose(found[o], sample.outputs()[o], what + ", output " + o + "\n" + plan);
        }
      }
    } catch (IOException e) {
      throw new IOException(what + "\n" + plan, e);
    }
  }

  private static void assertClose(float[] found, float[] expected, String what) {
    assertThat(found).as(what).hasSameSizeAs(expected);
    double largest = 1e-3;
    for (float value : expected) {
      largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      if (Float.compare(found[i], expected[i]) != 0 && !(difference <= 2e-4 * largest)) {
        throw new AssertionError(
            what + "[" + i + "]: expected " + expected[i] + ", but found " + found[i]);
      }
    }
  }
}
