package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Matrix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes matrices as tables, with the functions that read them. */
final class CMatrices {

  private static final Pattern WEIGHT = Pattern.compile("WEIGHT\\(([^()]*)\\)");
  private static final Pattern SCALED = Pattern.compile("SCALED\\((s0|WEIGHT\\(k\\)), r\\)");
  private static final Pattern NEXT = Pattern.compile("(\n *)NEXT\\((\\w+)\\)");

  /** Rows with fewer weights need no loop that takes four at a time; compilers warn of it. */
  private static final int UNROLLED = 4;

  private final CFunctions functions;
  private final CTables tables;
  private final WeightFormat format;

  CMatrices(CFunctions functions, CTables tables, WeightFormat format) {
    this.functions = functions;
    this.tables = tables;
    this.format = format;
  }

  /**
   * A function and its arguments for a matrix: the number of rows, the tables, and the number of
   * columns if the function needs it.
   */
  record Call(String function, String arguments) {}

  /** Writes a matrix for {@code linear} or {@code embed}. */
  Call call(String function, String layer, String what, Matrix matrix) {
    return call(function, layer, what, matrix, "", Map.of());
  }

  /**
   * Writes a matrix for a form of a function.
   *
   * @param form the end of the name of this form
   * @param words what is put for its other words in capitals
   */
  Call call(
      String function,
      String layer,
      String what,
      Matrix matrix,
      String form,
      Map<String, String> words) {
    boolean atRandom = "embed".equals(function);
    PackedMatrix packed = PackedMatrix.of(matrix, format, atRandom);
    boolean dense = packed.positions() == PackedMatrix.Positions.NONE;
    StringBuilder arguments = new StringBuilder().append(matrix.rows());
    if (!dense) {
      String rows = integers(packed.rowBits(), layer, what + "_rows", packed.rows());
      String gaps = integers(packed.positions().bits(), layer, what + "_gaps", packed.gaps());
      arguments.append(", ").append(rows).append(", ").append(gaps);
    }
    CodedValues values = packed.values();
    arguments.append(", ").append(values(packed, layer, what));
    if (values.kind() != CodedValues.Kind.FLOAT) {
      arguments.append(", ").append(tables.floats(layer, what + "_table", values.table()));
    }
    if (dense || atRandom) {
      arguments.append(", ").append(matrix.columns());
    }
    boolean few = "linear".equals(function) && !dense && longest(packed) < UNROLLED;
    String section = function + (dense ? "_dense" : few ? "_few" : "_sparse");
    String suffix = suffix(packed) + (few ? "_few" : "") + form;
    String name = function + "_" + suffix;
    Map<String, String> all = new HashMap<>(words);
    all.put("SUFFIX", suffix);
    all.put("MATRIX", parameters(packed));
    functions.use(section, name, all);
    substitute(name, packed);
    return new Call(name, arguments.toString());
  }

  private static int longest(PackedMatrix packed) {
    return Arrays.stream(packed.rows()).max().orElse(0);
  }

  private String integers(int bits, String layer, String what, int... values) {
    return tables.integers(unsigned(bits), bits / Byte.SIZE, layer, what, values);
  }

  private static String unsigned(int bits) {
    return "uint" + bits + "_t";
  }

  private String values(PackedMatrix packed, String layer, String what) {
    CodedValues values = packed.values();
    int[] stored = packed.stored();
    if (values.kind() == CodedValues.Kind.FLOAT) {
      float[] floats = new float[Math.max(stored.length, 1)];
      for (int i = 0; i < stored.length; i++) {
        floats[i] = values.decoded().values()[stored[i]];
      }
      return tables.floats(layer, what, floats);
    }
    int[] codes = new int[stored.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = values.codes()[stored[i]];
    }
    if (values.kind() == CodedValues.Kind.SCALED) {
      return tables.integers("int8_t", 1, layer, what, codes);
    } else if (values.bits() == Byte.SIZE) {
      return tables.integers("uint8_t", 1, layer, what, codes);
    }
    int[] pairs = new int[(codes.length + 1) / 2];
    for (int i = 0; i < codes.length; i++) {
      pairs[i / 2] |= codes[i] << (i % 2 * 4);
    }
    return tables.integers("uint8_t", 1, layer, what, pairs);
  }

  private static String suffix(PackedMatrix packed) {
    String positions =
        packed.positions() == PackedMatrix.Positions.NONE
            ? "all"
            : "rows"
                + packed.rowBits()
                + "_gaps"
                + packed.positions().bits()
                + (packed.hasSkips() ? "_skips" : "");
    return positions
        + switch (packed.values().kind()) {
          case FLOAT -> "_float";
          case SCALED -> "_int8";
          case SHARED -> "_shared" + packed.values().bits();
        };
  }

  private static String parameters(PackedMatrix packed) {
    String positions =
        packed.positions() == PackedMatrix.Positions.NONE
            ? ""
            : "const "
                + unsigned(packed.rowBits())
                + " *rows, const "
                + unsigned(packed.positions().bits())
                + " *gaps, ";
    return positions
        + switch (packed.values().kind()) {
          case FLOAT -> "const float *values";
          case SCALED -> "const int8_t *values, const float *table";
          case SHARED -> "const uint8_t *values, const float *table";
        };
  }

  private void substitute(String name, PackedMatrix packed) {
    functions.rewrite(
        name,
        NEXT,
        packed.hasSkips()
            ? "$1do {$1  $2 += *gaps;$1} while (*gaps++ == " + packed.positions().skip() + ");"
            : "$1$2 += *gaps++;");
    boolean scaled = packed.values().kind() == CodedValues.Kind.SCALED;
    functions.rewrite(name, SCALED, scaled ? "table[r] * $1" : "$1");
    functions.rewrite(name, WEIGHT, weight(packed.values()));
  }

  private static String weight(CodedValues values) {
    return switch (values.kind()) {
      case FLOAT -> "values[$1]";
      case SCALED -> "(float)values[$1]";
      case SHARED ->
          values.bits() == Byte.SIZE
              ? "table[values[$1]]"
              : "table[(values[($1) / 2] >> (($1) % 2 * 4)) & 15]";
    };
  }
}
