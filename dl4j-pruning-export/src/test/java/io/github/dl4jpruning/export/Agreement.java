package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.runtime.SparseModel;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Checks that what an exporter made and DL4J give the same outputs. */
public final class Agreement {

  /** Relative to the output, or to a tenth of the largest output if that is larger. */
  static final double TOLERANCE = 1e-5;

  private static final double SMALL = 0.1;

  private Agreement() {}

  static float[] flat(INDArray array) {
    return array.dup('c').data().asFloat();
  }

  /** Writes a network to memory and reads it back. */
  static SparseModel exported(Model network, ExportOptions options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      RuntimeExporter.write(InferencePlan.of(network, options), options, out);
      return SparseModel.load(new ByteArrayInputStream(out.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static INDArray example(INDArray batch, int index) {
    return batch.get(NDArrayIndex.interval(index, index + 1)).dup();
  }

  /** Compares the runtime with DL4J on each example of a batch. */
  static void check(Model network, INDArray batch, InputType type, String what) {
    SparseModel model = exported(network, ExportOptions.defaults().withInputTypes(type));
    SparseModel.Session session = model.newSession();
    check(network, batch, in -> new float[][] {session.run(in[0])}, what + "\n" + model);
  }

  /** Compares an engine with DL4J on each example of a batch. */
  public static void check(Model network, INDArray batch, Comparison.Engine engine, String what) {
    for (int i = 0; i < batch.size(0); i++) {
      float[] input = flat(example(batch, i));
      float[] expected = flat(RandomNetworks.output(network, example(batch, i)));
      assertClose(engine.run(new float[][] {input})[0], expected, what);
    }
  }

  static void assertClose(float[] actual, float[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = 0.0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double room = TOLERANCE * Math.max(Math.abs(expected[i]), SMALL * largest);
      assertThat(Math.abs((double) actual[i] - expected[i]))
          .as("output %d of %s: expected %s, but found %s", i, what, expected[i], actual[i])
          .isLessThanOrEqualTo(room);
    }
  }

  /** Sets some weights to zero, and all zero parameters to other values. */
  static void prune(Model network, long seed) {
    Random random = new Random(seed);
    network
        .paramTable()
        .forEach(
            (key, values) -> {
              for (long i = 0; i < values.length(); i++) {
                if (values.getDouble(i) == 0.0) {
                  values.putScalar(i, 0.3 * random.nextDouble());
                } else if (random.nextInt(3) == 0 && key.endsWith("W")) {
                  values.putScalar(i, 0.0);
                }
              }
            });
  }
}
