package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.export.Matrix;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedMatrixTest {

  private static Matrix random(Random random, int rows, int columns, double density) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < density ? (float) random.nextGaussian() : 0f;
    }
    return new Matrix(rows, columns, values);
  }

  /** Reads the tables as the C code does. */
  private static float[] read(PackedMatrix packed, int rows, int columns, boolean atRandom) {
    float[] values = new float[rows * columns];
    int k = 0;
    int gap = 0;
    for (int row = 0; row < rows; row++) {
      if (packed.positions() == PackedMatrix.Positions.NONE) {
        for (int c = 0; c < columns; c++, k++) {
          values[row * columns + c] = weight(packed, k, row);
        }
        continue;
      }
      int count = atRandom ? packed.rows()[row + 1] - packed.rows()[row] : packed.rows()[row];
      assertThat(atRandom ? packed.rows()[row] : k).isEqualTo(k);
      int column = 0;
      for (int n = 0; n < count; n++, k++) {
        int step;
        do {
          step = packed.gaps()[gap++];
          column += step;
        } while (packed.hasSkips() && step == packed.positions().skip());
        values[row * columns + column] = weight(packed, k, row);
      }
    }
    assertThat(gap).isEqualTo(packed.gaps().length);
    assertThat(k).isEqualTo(packed.stored().length);
    return values;
  }

  private static float weight(PackedMatrix packed, int k, int row) {
    CodedValues coded = packed.values();
    int element = packed.stored()[k];
    return switch (coded.kind()) {
      case FLOAT -> coded.decoded().values()[element];
      case SCALED -> coded.table()[row] * coded.codes()[element];
      case SHARED -> coded.table()[coded.codes()[element]];
    };
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void shouldReadBackWhatWasPacked(WeightFormat format) {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      int rows = 1 + random.nextInt(20);
      int columns = 1 + random.nextInt(round % 10 == 0 ? 2_000 : 40);
      Matrix matrix = random(random, rows, columns, Math.pow(random.nextDouble(), 2));
      for (boolean atRandom : new boolean[] {false, true}) {
        PackedMatrix packed = PackedMatrix.of(matrix, format, atRandom);
        assertThat(read(packed, rows, columns, atRandom))
            .isEqualTo(PackedMatrix.values(matrix, format).decoded().values());
      }
      checkRounding(matrix, format);
    }
  }

  private static void checkRounding(Matrix matrix, WeightFormat format) {
    float[] decoded = PackedMatrix.values(matrix, format).decoded().values();
    for (int row = 0; row < matrix.rows(); row++) {
      float most = 0f;
      float largest = 0f;
      for (int i = row * matrix.columns(); i < (row + 1) * matrix.columns(); i++) {
        most = Math.max(most, Math.abs(matrix.values()[i]));
        largest = Math.max(largest, Math.abs(decoded[i] - matrix.values()[i]));
        if (matrix.values()[i] == 0f && decoded[i] != 0f) {
          throw new AssertionError("a zero became " + decoded[i]);
        }
      }
      if (format == WeightFormat.FLOAT) {
        assertThat(largest).isZero();
      } else if (format == WeightFormat.EIGHT_BIT) {
        assertThat(largest).isLessThanOrEqualTo(most / 127 / 2 * 1.001f);
      }
    }
  }

  @Test
  void shouldTakeTheSmallestForm() {
    Random random = new Random(4);
    assertThat(form(random(random, 10, 100, 0.9))).isEqualTo(PackedMatrix.Positions.NONE);
    assertThat(form(random(random, 10, 100, 0.1))).isEqualTo(PackedMatrix.Positions.GAPS_8);
    // Mean distances of 2,000 need eight numbers of one byte, or one of two bytes.
    assertThat(form(random(random, 4, 60_000, 0.0005))).isEqualTo(PackedMatrix.Positions.GAPS_16);
    Matrix far = random(random, 2, 150_000, 0.00002);
    PackedMatrix packed = PackedMatrix.of(far, WeightFormat.FLOAT, false);
    assertThat(packed.hasSkips()).isTrue();
    assertThat(read(packed, 2, 150_000, false)).isEqualTo(far.values());
  }

  private static PackedMatrix.Positions form(Matrix matrix) {
    PackedMatrix packed = PackedMatrix.of(matrix, WeightFormat.FLOAT, false);
    int nonZeros = matrix.nonZeros();
    long all = 4L * matrix.values().length;
    long sparse = 4L * nonZeros + nonZeros + (long) matrix.rows() * 2;
    assertThat(packed.bytes()).isLessThanOrEqualTo(Math.min(all, 2 * sparse));
    return packed.positions();
  }

  @Test
  void shouldCountBytes() {
    // 3 rows of 2, 0 and 1 weights: 3 counts, 3 gaps, 3 floats.
    Matrix matrix = new Matrix(3, 9, new float[27]);
    matrix.values()[1] = 1f;
    matrix.values()[8] = 2f;
    matrix.values()[20] = 3f;
    PackedMatrix packed = PackedMatrix.of(matrix, WeightFormat.FLOAT, false);
    assertThat(packed.bytes()).isEqualTo(3 + 3 + 12);
    assertThat(packed.rows()).containsExactly(2, 0, 1);
    assertThat(packed.gaps()).containsExactly(1, 7, 2);
    // Three numbers of 8 bits and three scales are more than three floats, which are exact.
    assertThat(PackedMatrix.of(matrix, WeightFormat.EIGHT_BIT, false).values().kind())
        .isEqualTo(CodedValues.Kind.FLOAT);
  }

  @Test
  void shouldTakeVanishingRowsAsZero() {
    float[] values = new float[300];
    for (int i = 0; i < 100; i++) {
      values[i] = (1 + i % 3) * Float.MIN_VALUE;
      values[100 + i] = (i - 50) * 100 * Float.MIN_NORMAL;
      values[200 + i] = i - 50f;
    }
    CodedValues coded = CodedValues.of(new Matrix(3, 100, values), WeightFormat.EIGHT_BIT);
    assertThat(Arrays.stream(coded.codes())).allMatch(code -> Math.abs(code) <= 127);
    assertThat(Arrays.copyOf(coded.decoded().values(), 100)).containsOnly(0f);
    assertThat(coded.decoded().values()[200]).isCloseTo(-50f, within(1e-4f));
  }

  @Test
  void shouldKeepFewValuesExactly() {
    float[] values = new float[400];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) == 0 ? 0.25f * (1 + random.nextInt(16)) : 0f;
    }
    Matrix matrix = new Matrix(20, 20, values);
    PackedMatrix packed = PackedMatrix.of(matrix, WeightFormat.SHARED_16, false);
    assertThat(packed.values().bits()).isEqualTo(4);
    assertThat(packed.values().decoded().values()).isEqualTo(values);
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void shouldPackNothing(WeightFormat format) {
    PackedMatrix packed = PackedMatrix.of(new Matrix(2, 3, new float[6]), format, false);
    assertThat(read(packed, 2, 3, false)).containsOnly(0f);
  }
}
