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
 * A pruned network that runs in plain Java, as fast as its zeros allow: without Deeplearning4j,
 * without native libraries, without threads of its own.
 *
 * <pre>{@code
 * SparseModel model = SparseModel.load(path); // immutable, shared between threads
 * SparseModel.Session session = model.newSession(); // one for each thread
 * float[] probabilities = session.run(input);
 * }</pre>
 *
 * <p>Files are written by {@code RuntimeExporter} of {@code dl4j-pruning-export}. Inputs and
 * outputs have the order of elements that the network has in Deeplearning4j for a batch of one
 * example: an image is channels × height × width, a sequence is channels × time steps, row by row.
 * Networks with channels last have them last here too ({@link Port#isChannelsLast}).
 *
 * <p>A NaN in an input goes through to all outputs that depend on it, as in Deeplearning4j. A
 * weight that is zero may pass NaN or infinity on, or not: that depends on how its layer is stored.
 */
public final class SparseModel {

  private final Port[] inputs;
  private final Port[] outputs;
  private final Program.Step[] order;
  private final int[] base;
  private final Map<String, String> properties;

  /**
   * Makes a model.
   *
   * @param base time steps of each input for which all shapes fit
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
   * @throws IOException if it cannot be read, is damaged, or is of another version
   */
  public static SparseModel load(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return load(in);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a model, from a resource for example.
   *
   * @param in a runtime file, and nothing behind it; not closed
   * @return the model
   * @throws IOException if it cannot be read, is damaged, or is of another version
   */
  public static SparseModel load(InputStream in) throws IOException {
    return ModelReader.read(in);
  }

  /**
   * Makes what one thread needs to run the model: memory for all tensors on their way, and the
   * state of recurrent layers.
   *
   * @return a session
   */
  public Session newSession() {
    return new Session();
  }

  /**
   * Runs the model on several samples, one after the other.
   *
   * @param samples inputs of a model with one input
   * @return the outputs of a model with one output, in the same order
   * @throws IllegalArgumentException if an input has another length
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
   * The inputs.
   *
   * @return in the order of the network
   */
  public List<Port> inputs() {
    List<Port> list = new ArrayList<>();
    Collections.addAll(list, inputs);
    return Collections.unmodifiableList(list);
  }

  /**
   * The outputs.
   *
   * @return in the order of the network
   */
  public List<Port> outputs() {
    List<Port> list = new ArrayList<>();
    Collections.addAll(list, outputs);
    return Collections.unmodifiableList(list);
  }

  /**
   * What the exporter has written about the model: who made it, how sparse it is.
   *
   * @return names and values
   */
  public Map<String, String> properties() {
    return properties;
  }

  /**
   * The fewest time steps, in powers of two, that its layers can do with.
   *
   * @return 1 unless a convolution or pooling wants more
   */
  public int leastSteps() {
    int least = 1;
    for (int steps : base) {
      least = Math.max(least, steps);
    }
    return least;
  }

  /**
   * Whether it can be run one time step at a time.
   *
   * @return false if a layer looks at steps that are still to come, or at all of them
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

  /** Layers, shapes (of one time step for sequences), non-zero weights, multiplications. */
  @Override
  public String toString() {
    return Summary.of(inputs, outputs, order, base);
  }

  private static Port only(Port[] ports, String what) {
    if (ports.length != 1) {
      throw new IllegalStateException(
          "expected a model with one "
              + what
              + ", but it has "
              + ports.length
              + "; use set, run and get with their names");
    }
    return ports[0];
  }

  private static Port named(Port[] ports, String name, String what) {
    StringBuilder names = new StringBuilder();
    for (Port port : ports) {
      if (port.name().equals(name)) {
        return port;
      }
      names.append(names.length() == 0 ? "" : ", ").append(port.name());
    }
    throw new IllegalArgumentException(
        "expected the name of an " + what + " (" + names + "), but found " + name);
  }

  /**
   * Runs a model in one thread. It allocates memory when it meets a sequence of another length than
   * the last one, and otherwise none.
   *
   * <p>A session must not be used by two threads at once; a call that meets another one is refused.
   */
  public final class Session {

    private final AtomicBoolean busy = new AtomicBoolean();

    /** Of each input, as it was given last. */
    private final int[] steps = base.clone();

    private final float[][] given = new float[inputs.length][0];
    private Program program;

    private Session() {
      this.program = new Program(inputs, outputs, order, steps);
    }

    /**
     * Runs the model on a sample.
     *
     * @param input its elements, in the order of the network's input
     * @return the elements of the output
     * @throws IllegalArgumentException if the input has another length
     * @throws IllegalStateException if the model has several inputs or outputs
     */
    public float[] run(float[] input) {
      enter();
      try {
        Port output = only(outputs, "output");
        compute(input);
        float[] result = new float[program.value(output.value).shape.length()];
        output.write(program.value(output.value), result);
        return result;
      } finally {
        busy.set(false);
      }
    }

    /**
     * Runs the model on a sample, without allocating anything.
     *
     * @param input its elements, in the order of the network's input
     * @param output where the elements of the output go
     * @throws IllegalArgumentException if one of them has another length
     * @throws IllegalStateException if the model has several inputs or outputs
     */
    public void run(float[] input, float[] output) {
      enter();
      try {
        Port port = only(outputs, "output");
        compute(input);
        port.write(program.value(port.value), output);
      } finally {
        busy.set(false);
      }
    }

    private void compute(float[] input) {
      Port port = only(inputs, "input");
      steps[0] = port.steps(input);
      prepare();
      port.read(input, program.value(0));
      program.reset();
      program.run();
      program.reset(); // a step that follows is a first one
    }

    /**
     * Runs one time step of a recurrent network, which goes on from the last one.
     *
     * @param input the channels of the step
     * @param output where the channels of the output go
     * @throws IllegalArgumentException if one of them has another length
     * @throws IllegalStateException if the model cannot be run step by step, or has several inputs
     *     or outputs
     */
    public void step(float[] input, float[] output) {
      enter();
      try {
        Port in = only(inputs, "input");
        Port out = only(outputs, "output");
        requireStepwise();
        if (input.length != in.length()) {
          throw new IllegalArgumentException(
              "expected " + in.length() + " values of one time step, but found " + input.length);
        }
        steps[0] = 1;
        prepare();
        out.requireRoom(program.value(out.value), output); // before the step counts
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
                + " not, or its input is no sequence; use run");
      }
    }

    /** Forgets all time steps: the next one is the first. */
    public void reset() {
      enter();
      program.reset();
      busy.set(false);
    }

    /**
     * Sets an input of a model with several of them.
     *
     * @param name of the input
     * @param values its elements
     * @return this session
     * @throws IllegalArgumentException if there is no such input, or it has another length
     */
    public Session set(String name, float[] values) {
      enter();
      try {
        Port port = named(inputs, name, "input");
        steps[port.value] = port.steps(values);
        given[port.value] = values.clone();
      } finally {
        busy.set(false);
      }
      return this;
    }

    /**
     * Runs the model on the inputs that were set; those that were not are zero.
     *
     * @return this session
     * @throws IllegalArgumentException if sequences have lengths that do not fit the model
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
        program.reset(); // a step that follows is a first one
      } finally {
        busy.set(false);
      }
      return this;
    }

    /**
     * Copies an output of the last run.
     *
     * @param name of the output
     * @return its elements
     * @throws IllegalArgumentException if there is no such output
     */
    public float[] get(String name) {
      enter();
      try {
        Port port = named(outputs, name, "output");
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

    /** Makes memory for other numbers of steps. */
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
