package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.ExportOptions;
import java.util.Optional;

/**
 * Options of C code. Each method returns a copy with one changed option.
 *
 * @param name the name of the files, and the first part of the names of all functions
 * @param weights how weights are stored
 * @param steps the number of time steps of sequences; 0 to take it from the types of the inputs
 * @param compiler runs the code on the samples of the check, too; empty to compare only the plan
 *     that the code is made from
 * @param export types of inputs, a normaliser, data for the check, the tolerance
 */
public record COptions(
    String name,
    WeightFormat weights,
    int steps,
    Optional<CCompiler> compiler,
    ExportOptions export) {

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the name is no identifier of C and C++, the number of steps
   *     is negative, or half precision is asked for
   */
  public COptions {
    CNames.require(name);
    if (steps < 0) {
      throw new IllegalArgumentException("expected 0 or more time steps, but found " + steps);
    }
    if (export.halfPrecision()) {
      throw new IllegalArgumentException(
          "expected single precision, since C99 has no numbers of 16 bits; withWeights has formats"
              + " of 8 and 4 bits");
    }
  }

  /**
   * Returns the default options: weights as floats, checked on random inputs.
   *
   * @param name the name of the files, and the first part of the names of all functions: letters,
   *     digits and _, at most 25 characters
   * @return the default options
   * @throws IllegalArgumentException if the name is no identifier of C and C++
   */
  public static COptions named(String name) {
    return new COptions(name, WeightFormat.FLOAT, 0, Optional.empty(), ExportOptions.defaults());
  }

  /**
   * Sets how weights are stored. The check runs the network with the stored weights. If they are
   * rounded, the tolerance of {@link #export} does not apply: what matters is how many samples get
   * another class, which the report says.
   *
   * @param format the format
   * @return new options
   */
  public COptions withWeights(WeightFormat format) {
    return new COptions(name, format, steps, compiler, export);
  }

  /**
   * Sets the number of time steps of sequences, which is fixed in C.
   *
   * @param count at least 1
   * @return new options
   * @throws IllegalArgumentException if it is less than 1
   */
  public COptions withSteps(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("expected 1 or more time steps, but found " + count);
    }
    return new COptions(name, weights, count, compiler, export);
  }

  /**
   * Compiles the code, and compares what it computes with DL4J.
   *
   * @param used a compiler of this machine
   * @return new options
   */
  public COptions compiledBy(CCompiler used) {
    return new COptions(name, weights, steps, Optional.of(used), export);
  }

  /**
   * Sets types of inputs, a normaliser, data for the check and its tolerance.
   *
   * @param options the options that all exporters share
   * @return new options
   * @throws IllegalArgumentException if half precision is asked for
   */
  public COptions with(ExportOptions options) {
    return new COptions(name, weights, steps, compiler, options);
  }
}
