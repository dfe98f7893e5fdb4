package io.github.dl4jpruning.runtime;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pruned network that runs in plain Java and uses its zeros for speed. It needs no
 * Deeplearning4j, no native libraries, and no threads of its own.
 *
 * <pre>{@code
 * SparseModel model = SparseModel.load(path); // immutable, shared between threads
 * SparseModel.Session session = model.newSession(); // one for each thread
 * float[] probabilities = session.run(input);
 * }</pre>
 *
 * <p>Files are written by {@code RuntimeExporter} of {@code dl4j-pruning-export}. The elements of
 * inputs and outputs have the same order as in Deeplearning4j for a batch of one example: an image
 * is channels × height × width, a sequence is channels × time steps, row by row. Networks with
 * channels last have them last here too ({@link Port#isChannelsLast}).
 *
 * <p>A NaN in an input propagates to all outputs that depend on it, as in Deeplearning4j. Whether a
 * zero weight passes on NaN or infinity depends on how its layer is stored.
 */
public final class SparseModel {

  private final Port[] inputs;
  private final Port[] outputs;
  private final Program.Step[] order;
  private final int[] base;
  private final Map<String, String> properties;

  /**
   * Creates a model.
   *
   * @param base the number of time steps of each input for which all shapes fit
   */
  SparseModel(
      Port[] inputs,
      Port[] outputs,
      Program.Step[] order,
      int[] base,
      Map<String, String> properties) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.order = order;
    this.base = base;
    this.properties = properties;
  }

  /**
   * Reads a model.
   *
   * @param file a runtime file
   * @return the model
   * @throws IOException if the file cannot be read, is damaged, or has another version
   */
  public static SparseModel load(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return load(in);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a model from a stream, for example from a resource.
   *
   * @param in a runtime file with nothing after it; the stream is not closed
   * @return the model
   * @throws IOException if the file cannot be read, is damaged, or has another version
   */
  public static SparseModel load(InputStream in) throws IOException {
    return ModelReader.read(in);
  }

  /**
   * Creates the working memory for one thread: memory for all intermediate tensors, and the state
   * of recurrent layers.
   *
   * @return the session
   */
  public Session newSession() {
    return new Session();
  }

  /**
   * Runs the model on several samples, one after the other.
   *
   * @param samples one input for each sample
   * @return the outputs, in the order of the samples
   * @throws IllegalArgumentException if an input has the wrong length
   * @throws IllegalStateException if the model has several inputs or outputs
   */
  public float[][] runBatch(float[][] samples) {
    Session session = newSession();
    float[][] results = new float[samples.length][];
    for (int i = 0; i < samples.length; i++) {
      results[i] = session.run(samples[i]);
    }
    return results;
  }

  /**
   * Returns the inputs.
   *
   * @return the inputs, in the order of the network
   */
  public List<Port> inputs() {
    List<Port> list = new ArrayList<>();
    Collections.addAll(list, inputs);
    return Collections.unmodifiableList(list);
  }

  /**
   * Returns the outputs.
   *
   * @return the outputs, in the order of the network
   */
  public List<Port> outputs() {
    List<Port> list = new ArrayList<>();
    Collections.addAll(list, outputs);
    return Collections.unmodifiableList(list);
  }

  /**
   * Returns what the exporter has written about the model: who created it, how sparse it is.
   *
   * @return names and values
   */
  public Map<String, String> properties() {
    return properties;
  }

  /**
   * Returns the smallest number of time steps, among the powers of two, that all layers accept.
   *
   * @return 1 unless a convolution or pooling needs more
   */
  public int leastSteps() {
    int least = 1;
    for (int steps : base) {
      least = Math.max(least, steps);
    }
    return least;
  }

  /**
   * Returns whether the model can run one time step at a time.
   *
   * @return false if a layer needs future steps, or all steps
   */
  public boolean isStepwise() {
    for (Port input : inputs) {
      if (!input.isSequence()) {
        return false;
      }
    }
    for (Program.Step step : order) {
      if (!step.operation.isStepwise()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns layers, shapes (for sequences, of one time step), non-zero weights, multiplications.
   */
  @Override
  public String toString() {
    return Summary.of(inputs, outputs, order, base);
  }

  /**
   * Runs a model in one thread. It allocates memory only when the length of a sequence differs from
   * that of the last one.
   *
   * <p>Two threads must not use a session at once; a call during another call throws {@code
   * IllegalStateException}.
   */
  public final class Session {

    private final AtomicBoolean busy = new AtomicBoolean();

    /** The number of time steps of each input, as last given. */
    private final int[] steps = base.clone();

    private final float[][] given = new float[inputs.length][0];
    private Program program;

    private Session() {
      this.program = new Program(inputs, outputs, order, steps);
    }

    /**
     * Runs the model on a sample.
     *
     * @param input the elements of the sample, in the order of the network's input
     * @return the elements of the output
     * @throws IllegalArgumentException if the input has the wrong length
     * @throws IllegalStateException if the model has several inputs or outputs
     */
    public float[] run(float[] input) {
      enter();
      try {
        Port output = Port.only(outputs, "output");
        compute(input);
        float[] result = new float[program.value(output.value).shape.length()];
        output.write(program.value(output.value), result);
        return result;
      } finally {
        busy.set(false);
      }
    }

    /**
     * Runs the model on a sample without allocating memory.
     *
     * @param input the elements of the sample, in the order of the network's input
     * @param output receives the elements of the output
     * @throws IllegalArgumentException if an array has the wrong length
     * @throws IllegalStateException if the model has several inputs or outputs
     */
    public void run(float[] input, float[] output) {
      enter();
      try {
        Port port = Port.only(outputs, "output");
        compute(input);
        port.write(program.value(port.value), output);
      } finally {
        busy.set(false);
      }
    }

    private void compute(float[] input) {
      Port port = Port.only(inputs, "input");
      steps[0] = port.steps(input);
      prepare();
      port.read(input, program.value(0));
      program.reset();
      program.run();
      program.reset(); // the next step() starts a new sequence
    }

    /**
     * Runs one time step of a recurrent network, which continues from the previous step.
     *
     * @param input the channels of the step
     * @param output receives the channels of the output
     * @throws IllegalArgumentException if an array has the wrong length
     * @throws IllegalStateException if the model cannot run step by step, or has several inputs or
     *     outputs
     */
    public void step(float[] input, float[] output) {
      enter();
      try {
        Port in = Port.only(inputs, "input");
        Port out = Port.only(outputs, "output");
        requireStepwise();
        if (input.length != in.length()) {
          throw new IllegalArgumentException(
              "expected " + in.length() + " values of one time step, but found " + input.length);
        }
        steps[0] = 1;
        prepare();
        out.requireRoom(program.value(out.value), output); // before the state changes
        in.read(input, program.value(0));
        program.run();
        out.write(program.value(out.value), output);
      } finally {
        busy.set(false);
      }
    }

    private void requireStepwise() {
      if (!isStepwise()) {
        throw new IllegalStateException(
            "expected a model whose layers look at one time step at a time, but one of them does"
                + " not, or its input is not a sequence; use run");
      }
    }

    /** Clears the recurrent state: the next time step is the first one. */
    public void reset() {
      enter();
      program.reset();
      busy.set(false);
    }

    /**
     * Sets an input of a model with several inputs.
     *
     * @param name the name of the input
     * @param values the elements of the input
     * @return this session
     * @throws IllegalArgumentException if there is no such input, or the length is wrong
     */
    public Session set(String name, float[] values) {
      enter();
      try {
        Port port = Port.named(inputs, name, "input");
        steps[port.value] = port.steps(values);
        given[port.value] = values.clone();
      } finally {
        busy.set(false);
      }
      return this;
    }

    /**
     * Runs the model on the inputs that were set; all other inputs are zero.
     *
     * @return this session
     * @throws IllegalArgumentException if the lengths of sequences do not fit the model
     */
    public Session run() {
      enter();
      try {
        prepare();
        for (int i = 0; i < given.length; i++) {
          if (given[i].length > 0) {
            inputs[i].read(given[i], program.value(i));
          }
        }
        program.reset();
        program.run();
        program.reset(); // the next step() starts a new sequence
      } finally {
        busy.set(false);
      }
      return this;
    }

    /**
     * Returns a copy of an output of the last run.
     *
     * @param name the name of the output
     * @return the elements of the output
     * @throws IllegalArgumentException if there is no such output
     */
    public float[] get(String name) {
      enter();
      try {
        Port port = Port.named(outputs, name, "output");
        float[] result = new float[program.value(port.value).shape.length()];
        port.write(program.value(port.value), result);
        return result;
      } finally {
        busy.set(false);
      }
    }

    private void enter() {
      if (!busy.compareAndSet(false, true)) {
        throw new IllegalStateException(
            "expected one thread for each session, but this one is in use; make a session for each"
                + " thread");
      }
    }

    /** Allocates memory if the numbers of steps have changed. */
    private void prepare() {
      if (program.isFor(steps)) {
        return;
      }
      try {
        program = new Program(inputs, outputs, order, steps);
      } catch (ModelException | ArithmeticException e) {
        throw new IllegalArgumentException(
            "expected sequences that fit the model, but with "
                + Arrays.toString(steps)
                + " steps: "
                + e.getMessage(),
            e);
      }
    }
  }
}
