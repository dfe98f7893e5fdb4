package io.github.dl4jpruning.io;

import io.github.dl4jpruning.io.PruningState.Origin;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.score.ImportanceCriterion.Memory;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes and reads a {@link PruningState}.
 *
 * <p>Version 1, big-endian: the eight letters {@code DL4JPRUN}; int version; text recipe; double
 * scheduled; from version 2 on, int iteration and int epoch from which the schedule counts; int
 * number of tensors; for each a text name, int number of axes and a long for each, ⌈length/64⌉
 * longs of mask, and twice (initial weights, movement) or, from version 3 on, four times (also
 * squared gradients, squared inputs) a byte 0 or 1 and, after a 1, length doubles; finally the
 * CRC-32 of all of this as a long. A text is an int number of bytes, followed by these bytes in
 * UTF-8. The lowest version that can hold a state is written.
 */
public final class PruningStateStream {

  private static final String LETTERS = "DL4JPRUN";
  private static final int VERSION = 1;
  private static final int VERSION_WITH_ORIGIN = 2;
  private static final int VERSION_WITH_SQUARES = 3;

  /** What versions 1 and 2 hold. */
  private static final List<Memory> FIRST = List.of(Memory.INITIAL_WEIGHTS, Memory.MOVEMENT);

  private static final List<Memory> ALL =
      List.of(
          Memory.INITIAL_WEIGHTS, Memory.MOVEMENT, Memory.SQUARED_GRADIENTS, Memory.SQUARED_INPUTS);

  private static final int LONGEST_TEXT = 1 << 20;
  private static final int MOST_AXES = 10;

  private PruningStateStream() {}

  /**
   * A tensor expected in a state.
   *
   * @param name layer and key
   * @param shape its shape, in DL4J's layout
   * @param length number of elements, the product of the shape
   * @param remembered what of the remembered values is read into memory
   */
  public record Expected(String name, List<Long> shape, int length, Set<Memory> remembered) {
    /** Copies the list and the set. */
    public Expected {
      shape = List.copyOf(shape);
      remembered = Set.copyOf(remembered);
    }

    @Override
    public String toString() {
      return text(name, shape);
    }

    private static String text(String name, List<Long> shape) {
      return name
          + " with the shape "
          + shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }
  }

  /**
   * Writes a state.
   *
   * @param state the state
   * @param out the destination; not closed
   * @throws IOException if it cannot be written
   */
  public static void write(PruningState state, OutputStream out) throws IOException {
    int version = versionFor(state);
    CheckedOutput file = new CheckedOutput(out).begin(LETTERS, version);
    DataOutputStream data = file.data();
    file.text(state.recipe());
    data.writeDouble(state.scheduled());
    if (version >= VERSION_WITH_ORIGIN) {
      data.writeInt(state.origin().iteration());
      data.writeInt(state.origin().epoch());
    }
    data.writeInt(state.tensors().size());
    for (TensorState tensor : state.tensors()) {
      file.text(tensor.name());
      data.writeInt(tensor.shape().size());
      for (long size : tensor.shape()) {
        data.writeLong(size);
      }
      for (int w = 0; w < tensor.mask().words(); w++) {
        data.writeLong(tensor.mask().word(w));
      }
      for (Memory memory : memories(version)) {
        double[] values = tensor.remembered().getOrDefault(memory, new double[0]);
        data.writeByte(values.length == 0 ? 0 : 1);
        for (double value : values) {
          data.writeDouble(value);
        }
      }
    }
    file.end();
  }

  private static int versionFor(PruningState state) {
    if (state.tensors().stream().anyMatch(t -> !FIRST.containsAll(t.remembered().keySet()))) {
      return VERSION_WITH_SQUARES;
    }
    return state.origin().equals(Origin.START) ? VERSION : VERSION_WITH_ORIGIN;
  }

  private static List<Memory> memories(int version) {
    return version < VERSION_WITH_SQUARES ? FIRST : ALL;
  }

  /**
   * Reads a state. Memory is allocated only for the expected tensors.
   *
   * @param in the source; not closed
   * @param expected the expected tensors, in order
   * @return the state
   * @throws IOException if it is not a pruning state, has other tensors, or is damaged
   */
  public static PruningState read(InputStream in, List<Expected> expected) throws IOException {
    return read(in, expected, Selection.SAME);
  }

  /** How the tensors of a state relate to the expected tensors. */
  public enum Selection {
    /** All of them. */
    SAME,
    /** Some of them, in the same order. */
    SOME
  }

  /**
   * Like {@link #read(InputStream, List)}, for a state whose tensors are not known.
   *
   * @param in the source; not closed
   * @param expected the tensors that it may have, in order
   * @param selection whether it must have all of them
   * @return the state
   * @throws IOException if it is not a pruning state, has other tensors, or is damaged
   */
  public static PruningState read(InputStream in, List<Expected> expected, Selection selection)
      throws IOException {
    try {
      CheckedInput file = new CheckedInput(new BufferedInputStream(in), "a pruning state");
      int version = file.begin(LETTERS, VERSION, VERSION_WITH_ORIGIN, VERSION_WITH_SQUARES);
      String recipe = file.text("recipe", LONGEST_TEXT);
      double scheduled = file.data().readDouble();
      if (!(scheduled >= 0.0 && scheduled < 1.0)) { // nor NaN
        throw new IOException("expected a sparsity in [0, 1), but found " + scheduled);
      }
      Origin origin = version == VERSION ? Origin.START : readOrigin(file.data());
      List<TensorState> tensors = readTensors(file, memories(version), expected, selection);
      file.end("the pruning state");
      return new PruningState(recipe, scheduled, origin, tensors);
    } catch (EOFException e) {
      throw new IOException("expected a whole pruning state, but it ends too early", e);
    }
  }

  private static Origin readOrigin(DataInputStream data) throws IOException {
    Origin origin = new Origin(data.readInt(), data.readInt());
    if (origin.iteration() < 0 || origin.epoch() < 0) {
      throw new IOException("expected a schedule that counts from 0 or more, but found " + origin);
    }
    return origin;
  }

  private static List<TensorState> readTensors(
      CheckedInput file, List<Memory> memories, List<Expected> expected, Selection selection)
      throws IOException {
    int count = file.data().readInt();
    if (selection == Selection.SAME ? count != expected.size() : count > expected.size()) {
      throw new IOException(
          "expected the state of "
              + expected.size()
              + " tensors ("
              + expected.stream().limit(5).map(Expected::toString).collect(Collectors.joining(", "))
              + (expected.size() > 5 ? ", …" : "")
              + "), but found "
              + count);
    }
    List<TensorState> tensors = new ArrayList<>();
    Iterator<Expected> candidates = expected.iterator();
    for (int t = 0; t < count; t++) {
      tensors.add(readTensor(file, memories, candidates, selection));
    }
    return tensors;
  }

  private static TensorState readTensor(
      CheckedInput file, List<Memory> memories, Iterator<Expected> candidates, Selection selection)
      throws IOException {
    DataInputStream data = file.data();
    String name = file.text("name", LONGEST_TEXT);
    int axes = data.readInt();
    if (axes < 0 || axes > MOST_AXES) {
      throw new IOException("expected at most " + MOST_AXES + " axes, but found " + axes);
    }
    List<Long> shape = new ArrayList<>();
    for (int a = 0; a < axes; a++) {
      shape.add(data.readLong());
    }
    Expected expected = next(candidates, selection, name, shape);
    int length = expected.length();
    boolean[] kept = new boolean[length];
    for (int first = 0; first < length; first += Mask.WORD) {
      long word = data.readLong();
      for (int i = first; i < Math.min(length, first + Mask.WORD); i++) {
        kept[i] = (word >>> i & 1L) != 0;
      }
    }
    Map<Memory, double[]> remembered = new EnumMap<>(Memory.class);
    for (Memory memory : memories) {
      readDoubles(data, length, expected.remembered().contains(memory))
          .ifPresent(values -> remembered.put(memory, values));
    }
    return new TensorState(name, shape, Mask.of(kept), remembered);
  }

  private static Expected next(
      Iterator<Expected> candidates, Selection selection, String name, List<Long> shape)
      throws IOException {
    while (candidates.hasNext()) {
      Expected candidate = candidates.next();
      if (name.equals(candidate.name()) && shape.equals(candidate.shape())) {
        return candidate;
      } else if (selection == Selection.SAME) {
        throw new IOException(
            "expected the state of "
                + candidate
                + ", but found that of "
                + Expected.text(name, shape));
      }
    }
    throw new IOException(
        "expected a network with "
            + Expected.text(name, shape)
            + ", which the state is for, but found none");
  }

  /** Values that are present but not wanted are skipped; then the array is empty. */
  private static Optional<double[]> readDoubles(DataInputStream data, int length, boolean wanted)
      throws IOException {
    int flag = data.readByte();
    if (flag != 0 && flag != 1) {
      throw new IOException("expected 0 or 1 before remembered values, but found " + flag);
    }
    if (flag == 0) {
      return Optional.empty();
    }
    if (!wanted) {
      data.skipNBytes((long) length * Double.BYTES);
      return Optional.of(new double[0]);
    }
    double[] values = new double[length];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.readDouble();
    }
    return Optional.of(values);
  }
}
