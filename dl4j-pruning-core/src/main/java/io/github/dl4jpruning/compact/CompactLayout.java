package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.codec.HalfPrecision;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.SavedNormalizer;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Constants and helpers shared by the writer and the reader of compact files. */
final class CompactLayout {

  /** The values of a block have the network's own type. */
  static final int OWN = 0;

  /** The values of a block are rounded to half precision. */
  static final int HALF = 1;

  /** The most bytes of a configuration, which is text and parsed as a whole. */
  static final int LONGEST_CONFIGURATION = 1 << 22;

  /** The most bytes of a recipe; a recipe with many layers has a few kilobytes. */
  static final int LONGEST_RECIPE = 1 << 16;

  /** The most comparisons of letters in parameter names with letters in a recipe: a few seconds. */
  private static final long MOST_COMPARISONS = 1L << 31;

  /** Types, indexed by their code in the file. */
  private static final List<String> TYPES = List.of("FLOAT", "DOUBLE", "HALF");

  private static final List<Integer> WIDTHS = List.of(Float.BYTES, Double.BYTES, Short.BYTES);

  private static final List<SavedNormalizer.Kind> NORMALIZERS =
      List.of(
          SavedNormalizer.Kind.STANDARDIZE,
          SavedNormalizer.Kind.MIN_MAX,
          SavedNormalizer.Kind.IMAGE);

  private CompactLayout() {}

  /**
   * A tensor, or the parameters between two known tensors.
   *
   * @param name layer and key
   * @param weight whether it holds weights
   * @param offset flat index of its first element in the parameter vector
   * @param length number of its elements
   */
  record Span(String name, boolean weight, long offset, int length) {}

  /** Returns all parameters of a network in memory order, each once. */
  static List<Span> of(NetworkParameters network, long length) {
    List<Span> spans = new ArrayList<>();
    long next = 0;
    for (PrunableParameter parameter : network.parameters()) {
      addUnknown(spans, next, parameter.offset());
      // In a layer with center loss, two DL4J parameters overlap in memory.
      long from = Math.max(next, parameter.offset());
      long to = Math.max(next, parameter.offset() + parameter.length());
      if (from < to) {
        boolean weight = parameter.role() == Role.WEIGHT;
        spans.add(new Span(parameter.name(), weight, from, (int) (to - from)));
      }
      next = to;
    }
    addUnknown(spans, next, length);
    return spans;
  }

  private static void addUnknown(List<Span> spans, long from, long to) {
    if (from < to) {
      spans.add(new Span("parameters from " + from, false, from, Math.toIntExact(to - from)));
    }
  }

  /** Returns the non-zero elements of a parameter. */
  static Mask nonZeros(PrunableParameter parameter, BitSet all) {
    int from = (int) parameter.offset();
    return Mask.of(parameter.length(), all.get(from, from + parameter.length()));
  }

  /** Returns a map from names to parameters. */
  static Map<String, PrunableParameter> byName(List<PrunableParameter> parameters) {
    Map<String, PrunableParameter> named = new HashMap<>();
    parameters.forEach(parameter -> named.putIfAbsent(parameter.name(), parameter));
    return named;
  }

  /** Returns the parameter that a tensor's state belongs to. */
  static PrunableParameter named(Map<String, PrunableParameter> parameters, TensorState tensor) {
    return Objects.requireNonNull(
        parameters.get(tensor.name()), "state exists only for the network's own parameters");
  }

  /**
   * Limits the time of matching names against patterns, which may take the product of their
   * lengths.
   *
   * @throws IllegalArgumentException if the product is too large
   */
  static void checkComparisons(List<PrunableParameter> parameters, String recipe) {
    long letters = parameters.stream().mapToLong(p -> p.name().length()).sum();
    if (letters * recipe.length() > MOST_COMPARISONS) {
      throw new IllegalArgumentException(
          "expected names that are compared with the recipe in at most "
              + MOST_COMPARISONS
              + " steps, but there are "
              + letters
              + " letters in them, and "
              + recipe.length()
              + " in the recipe");
    }
  }

  static int typeCode(int width) {
    return WIDTHS.indexOf(width);
  }

  static int types() {
    return TYPES.size();
  }

  static String typeName(int code) {
    return TYPES.get(code);
  }

  static int normalizerCode(SavedNormalizer.Kind kind) {
    return NORMALIZERS.indexOf(kind);
  }

  static int normalizers() {
    return NORMALIZERS.size();
  }

  static SavedNormalizer.Kind normalizer(int code) {
    return NORMALIZERS.get(code);
  }

  /** Returns the number that the bits represent. */
  static double toNumber(long bits, int width) {
    return switch (width) {
      case Double.BYTES -> Double.longBitsToDouble(bits);
      case Float.BYTES -> Float.intBitsToFloat((int) bits);
      default -> HalfPrecision.fromBits((int) bits);
    };
  }

  /** Returns the bits of the nearest number. */
  static long toBits(double value, int width) {
    return switch (width) {
      case Double.BYTES -> Double.doubleToRawLongBits(value);
      case Float.BYTES -> Integer.toUnsignedLong(Float.floatToRawIntBits((float) value));
      default -> HalfPrecision.toBits((float) value);
    };
  }
}
