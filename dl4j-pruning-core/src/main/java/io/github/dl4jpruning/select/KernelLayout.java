package io.github.dl4jpruning.select;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The meaning of a kernel's flat index: which output channel (neuron, filter, recurrent unit) an
 * entry feeds, which input channel it reads, and its position in the kernel. So a row is a row in
 * every kind of layer, whatever its layout in memory.
 *
 * <p>Parts follow each other in memory without gaps and cover the tensor. There is more than one
 * part only if a tensor holds two kernels (a GravesLSTM has its peepholes after the recurrent
 * weights).
 *
 * @param parts the parts, in memory order
 */
public record KernelLayout(List<Part> parts) {

  /** What the indices of an axis distinguish. */
  public enum Role {
    /** Output channels. */
    OUTPUT,
    /** Input channels. */
    INPUT,
    /** Both at once: in depthwise kernels and peepholes, an output reads only one input. */
    CHANNEL,
    /** Neither: kernel positions or the gates of an LSTM. */
    POSITION
  }

  /**
   * One axis.
   *
   * @param role what its indices distinguish
   * @param size number of indices along it, at least 1
   */
  public record Axis(Role role, int size) {
    private boolean tellsOutputs() {
      return role == Role.OUTPUT || role == Role.CHANNEL;
    }

    private boolean tellsInputs() {
      return role == Role.INPUT || role == Role.CHANNEL;
    }
  }

  /**
   * A dense block of memory.
   *
   * @param axes its axes, slowest first: the flat index is row-major over them
   */
  public record Part(List<Axis> axes) {
    /** Copies the list. */
    public Part {
      axes = List.copyOf(axes);
    }

    /**
     * Returns the number of entries.
     *
     * @return the product of the sizes
     */
    public int length() {
      return axes.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
    }
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is no part, or parts differ in the number of outputs
   */
  public KernelLayout {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("expected at least one part of a kernel, but found none");
    }
    long different = parts.stream().mapToInt(part -> outputs(part)).distinct().count();
    if (different != 1) {
      throw new IllegalArgumentException(
          "expected parts with the same number of output channels, but found " + parts);
    }
  }

  /**
   * Creates the layout of a vector with one entry per output channel, such as a bias.
   *
   * @param length number of entries
   * @return the layout
   */
  public static KernelLayout vector(int length) {
    return new KernelLayout(List.of(new Part(List.of(new Axis(Role.OUTPUT, length)))));
  }

  /**
   * Creates the layout of a tensor from the meaning of its axes.
   *
   * @param meaning one letter per axis of the shape: {@code o} output channels, {@code i} input
   *     channels, {@code c} channels that are both, {@code p} kernel positions, {@code g} four
   *     gates of recurrent units (gate by gate), {@code G} the same, followed by three peepholes of
   *     each unit
   * @param shape the shape
   * @param strides for each axis, the distance in memory (in elements) from one index to the next
   * @return the layout
   * @throws IllegalArgumentException if the letters do not fit the shape
   */
  public static KernelLayout of(String meaning, List<Long> shape, List<Long> strides) {
    if (meaning.length() != shape.size() || shape.size() != strides.size()) {
      throw new IllegalArgumentException(
          "expected a shape with axes " + meaning + ", but found " + shape);
    }
    List<Integer> order =
        IntStream.range(0, shape.size())
            .boxed()
            .filter(a -> shape.get(a) > 1)
            .sorted(Comparator.comparing(strides::get, Comparator.reverseOrder()))
            .toList();
    List<Axis> axes = new ArrayList<>();
    List<Part> behind = new ArrayList<>();
    for (int a : order) {
      int size = Math.toIntExact(shape.get(a));
      switch (meaning.charAt(a)) {
        case 'o' -> axes.add(new Axis(Role.OUTPUT, size));
        case 'i' -> axes.add(new Axis(Role.INPUT, size));
        case 'c' -> axes.add(new Axis(Role.CHANNEL, size));
        case 'p' -> axes.add(new Axis(Role.POSITION, size));
        case 'g' -> addGates(axes, divided(size, 4, shape));
        case 'G' -> {
          int units = divided(size - 3, 4, shape);
          addGates(axes, units);
          behind.add(new Part(List.of(new Axis(Role.POSITION, 3), new Axis(Role.CHANNEL, units))));
        }
        default -> throw new IllegalArgumentException("no axis is called " + meaning.charAt(a));
      }
    }
    List<Part> parts = new ArrayList<>(List.of(new Part(axes)));
    parts.addAll(behind);
    return new KernelLayout(parts);
  }

  private static void addGates(List<Axis> axes, int units) {
    axes.add(new Axis(Role.POSITION, 4));
    axes.add(new Axis(Role.OUTPUT, units));
  }

  private static int divided(int size, int by, List<Long> shape) {
    if (size % by != 0) {
      throw new IllegalArgumentException("expected four gates, but found the shape " + shape);
    }
    return size / by;
  }

  /**
   * Returns the number of entries.
   *
   * @return the length of all parts
   */
  public int length() {
    return parts.stream().mapToInt(Part::length).reduce(0, Math::addExact);
  }

  /**
   * Returns the number of output channels.
   *
   * @return at least 1
   */
  public int outputs() {
    return outputs(parts.get(0));
  }

  /**
   * Returns the number of input channels.
   *
   * @return at least 1; 1 if no axis distinguishes them
   */
  public int inputs() {
    return parts.stream()
        .mapToInt(
            part ->
                part.axes().stream()
                    .filter(Axis::tellsInputs)
                    .mapToInt(Axis::size)
                    .reduce(1, Math::multiplyExact))
        .max()
        .orElse(1);
  }

  /** Receives the entries of a tensor. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Receives an entry.
     *
     * @param flat its flat index
     * @param output the output channel that it feeds
     * @param input the input channel that it reads; 0 if no axis distinguishes them
     */
    void visit(int flat, int output, int input);
  }

  /**
   * Visits all entries in memory order.
   *
   * @param visitor receives each entry
   */
  public void forEach(Visitor visitor) {
    int flat = 0;
    for (Part part : parts) {
      int[] sizes = part.axes().stream().mapToInt(Axis::size).toArray();
      int[] outputSteps = steps(part, Axis::tellsOutputs);
      int[] inputSteps = steps(part, Axis::tellsInputs);
      int[] index = new int[sizes.length];
      int output = 0;
      int input = 0;
      int axis;
      do {
        visitor.visit(flat++, output, input);
        axis = sizes.length - 1;
        while (axis >= 0 && ++index[axis] == sizes[axis]) {
          index[axis] = 0;
          output -= (sizes[axis] - 1) * outputSteps[axis];
          input -= (sizes[axis] - 1) * inputSteps[axis];
          axis--;
        }
        if (axis >= 0) {
          output += outputSteps[axis];
          input += inputSteps[axis];
        }
      } while (axis >= 0);
    }
  }

  /** Returns how much the channel number grows with each index along an axis. */
  private static int[] steps(Part part, Predicate<Axis> tells) {
    int[] steps = new int[part.axes().size()];
    int step = 1;
    for (int a = steps.length - 1; a >= 0; a--) {
      Axis axis = part.axes().get(a);
      if (tells.test(axis)) {
        steps[a] = step;
        step *= axis.size();
      }
    }
    return steps;
  }

  private static int outputs(Part part) {
    return part.axes().stream()
        .filter(Axis::tellsOutputs)
        .mapToInt(Axis::size)
        .reduce(1, Math::multiplyExact);
  }
}
