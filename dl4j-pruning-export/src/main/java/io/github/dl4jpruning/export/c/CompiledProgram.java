package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.InferencePlan;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** C code of a network, compiled for this machine and running in a process of its own. */
public final class CompiledProgram implements AutoCloseable {

  private final InferencePlan plan;
  private final CSource source;
  private final Path folder;
  private final Optional<SectionSizes> sections;
  private final Process process;
  private final OutputStream to;
  private final DataInputStream from;

  private CompiledProgram(
      InferencePlan plan,
      CSource source,
      Path folder,
      Optional<SectionSizes> sections,
      Process process) {
    this.plan = plan;
    this.source = source;
    this.folder = folder;
    this.sections = sections;
    this.process = process;
    this.to = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    this.from = new DataInputStream(new java.io.BufferedInputStream(process.getInputStream()));
  }

  /**
   * Compiles a plan and starts the program.
   *
   * @param plan the plan
   * @param options the name, how weights are stored, the number of time steps, the compiler
   * @return the running program
   * @throws IOException if the compiler fails, or there is none in the options
   */
  public static CompiledProgram of(InferencePlan plan, COptions options) throws IOException {
    CSource source = CSource.of(plan, options, CExporter.steps(options));
    return of(plan, source, source.header(List.of()), source.source(List.of()), options);
  }

  static CompiledProgram of(
      InferencePlan plan, CSource source, String header, String text, COptions options)
      throws IOException {
    CCompiler compiler =
        options
            .compiler()
            .orElseThrow(() -> new IOException("expected a C compiler in the options"));
    Path folder = Files.createTempDirectory("compiled");
    try {
      String name = source.name();
      Path code = folder.resolve(name + ".c");
      Files.writeString(folder.resolve(name + ".h"), header);
      Files.writeString(code, text);
      Path driver = folder.resolve("_driver.c");
      Files.writeString(driver, driver(source));
      Path object = folder.resolve(name + ".o");
      Path program = folder.resolve("program");
      compiler.compile(code, object);
      compiler.link(program, driver, object);
      Optional<SectionSizes> sections = CCompiler.sections(object);
      Process process =
          new ProcessBuilder(program.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new CompiledProgram(plan, source, folder, sections, process);
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  private static String driver(CSource source) {
    CPorts ports = source.ports();
    StringBuilder buffers = new StringBuilder();
    StringBuilder write = new StringBuilder();
    List<String> read = new ArrayList<>();
    for (int i = 0; i < ports.inputs().size(); i++) {
      String name = ports.inputs().get(i);
      buffer(buffers, name, ports.inputSize(i));
      String count = count(ports.stepInputSize(i), ports.inputSize(i));
      read.add("fread(" + name + ", sizeof *" + name + " * (" + count + "), 1, stdin) == 1");
    }
    for (int i = 0; i < ports.outputs().size(); i++) {
      String name = ports.outputs().get(i);
      buffer(buffers, name, ports.outputSize(i));
      String count = count(ports.stepSize(i), ports.outputSize(i));
      write.append("  fwrite(").append(name).append(", sizeof *").append(name);
      write.append(" * (").append(count).append("), 1, stdout);\n");
    }
    String arguments =
        Stream.concat(ports.inputs().stream(), ports.outputs().stream())
            .collect(Collectors.joining(", ", "(", ")"));
    String name = source.name();
    return CFunctions.resource("driver.c")
        .replace("@NAME@", name)
        .replace("@BUFFERS@", buffers)
        .replace("@READ@", String.join(" && ", read))
        .replace("@WRITE@", write)
        .replace("@RUN@", source.hasRun() ? name + "_run" + arguments : "1")
        .replace("@STEP@", source.isStepwise() ? name + "_step" + arguments : "1")
        .replace("@RESET@", source.isStepwise() ? name + "_reset()" : "break")
        .replace("@TIMED@", source.hasRun() ? "run" : "step");
  }

  private static String count(int ofStep, int ofSample) {
    return "one_step ? " + ofStep + " : " + ofSample;
  }

  private static void buffer(StringBuilder text, String name, int size) {
    text.append("static float ").append(name).append('[').append(size).append("];\n");
  }

  /**
   * Runs the program on a sample.
   *
   * @param inputs the elements of each input, in the order of the network
   * @return the elements of each output; empty if the program does not take sequences of this
   *     length
   * @throws IllegalArgumentException if a word has no number in the network
   * @throws UncheckedIOException if the program ended
   */
  public float[][] run(float[]... inputs) {
    try {
      return source.hasRun() ? sample(inputs) : steps(inputs);
    } catch (IOException e) {
      throw new UncheckedIOException("the compiled program ended: " + e.getMessage(), e);
    }
  }

  private float[][] sample(float[]... inputs) throws IOException {
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].length != source.ports().inputSize(i)) {
        return new float[0][];
      }
    }
    return call('x', inputs);
  }

  /** Runs a sequence step by step, in the layouts of the network's arrays. */
  private float[][] steps(float[]... inputs) throws IOException {
    int count = inputs[0].length / source.ports().stepInputSize(0);
    List<float[][]> results = new ArrayList<>();
    reset();
    for (int step = 0; step < count; step++) {
      float[][] one = new float[inputs.length][];
      for (int i = 0; i < one.length; i++) {
        one[i] = new float[source.ports().stepInputSize(i)];
        boolean last = plan.inputs().get(i).channelsLast();
        for (int c = 0; c < one[i].length; c++) {
          one[i][c] = inputs[i][last ? step * one[i].length + c : c * count + step];
        }
      }
      results.add(step(one));
    }
    float[][] all = new float[source.ports().outputs().size()][];
    for (int o = 0; o < all.length; o++) {
      int size = source.ports().stepSize(o);
      boolean each = source.isSequence(plan.outputs().get(o));
      all[o] = each ? new float[size * count] : results.get(count - 1)[o];
      for (int i = 0; i < all[o].length && each; i++) {
        boolean last = plan.outputs().get(o).channelsLast() || source.isPlanes(o);
        all[o][i] =
            last ? results.get(i / size)[o][i % size] : results.get(i % count)[o][i / count];
      }
    }
    return all;
  }

  /**
   * Runs one time step.
   *
   * @param inputs the channels of each input
   * @return the channels of each output
   * @throws IOException if the program ended
   * @throws IllegalStateException if the network does not run step by step
   * @throws IllegalArgumentException if an input has the wrong length
   */
  public float[][] step(float[]... inputs) throws IOException {
    if (!source.isStepwise()) {
      throw new IllegalStateException("expected a network that runs step by step");
    }
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].length != source.ports().stepInputSize(i)) {
        throw new IllegalArgumentException(
            "expected "
                + source.ports().stepInputSize(i)
                + " values of one time step, but found "
                + inputs[i].length);
      }
    }
    return call('s', inputs);
  }

  /**
   * Begins a new sequence.
   *
   * @throws IOException if the program ended
   */
  public void reset() throws IOException {
    to.write('r');
  }

  private float[][] call(char command, float[]... inputs) throws IOException {
    to.write(command);
    for (float[] input : inputs) {
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * input.length).order(order());
      bytes.asFloatBuffer().put(input);
      to.write(bytes.array());
    }
    to.flush();
    int status = from.read();
    if (status < 0) {
      throw new EOFException("no answer");
    }
    float[][] outputs = new float[source.ports().outputs().size()][];
    boolean run = command == 'x';
    for (int o = 0; o < outputs.length; o++) {
      int size = run ? source.ports().outputSize(o) : source.ports().stepSize(o);
      byte[] bytes = new byte[Float.BYTES * size];
      from.readFully(bytes);
      outputs[o] = new float[size];
      ByteBuffer.wrap(bytes).order(order()).asFloatBuffer().get(outputs[o]);
    }
    if (status != 0) {
      throw new IllegalArgumentException("expected numbers of words, but found others");
    }
    return outputs;
  }

  private static ByteOrder order() {
    return ByteOrder.nativeOrder();
  }

  /**
   * Measures the processor time of a call with the last sample.
   *
   * @return nanoseconds of a sample, or of a time step if the program has nothing else
   * @throws IOException if the program ended
   */
  public double nanos() throws IOException {
    to.write('t');
    to.flush();
    byte[] bytes = new byte[Double.BYTES];
    from.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(order()).getDouble();
  }

  /**
   * Calls the program many times with the last sample.
   *
   * @param times how often
   * @throws IOException if the program ended
   */
  public void repeat(int times) throws IOException {
    to.write('n');
    to.write(ByteBuffer.allocate(Integer.BYTES).order(order()).putInt(times).array());
    to.flush();
    from.readFully(new byte[1]);
  }

  /**
   * Returns the sizes of code, constants and memory.
   *
   * @return empty if this machine cannot tell them
   */
  public Optional<SectionSizes> sections() {
    return sections;
  }

  @Override
  public void close() {
    process.destroy();
    delete(folder);
  }

  static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      folder.toFile().deleteOnExit(); // a file of a temporary folder stays, and nothing else
    }
  }
}
