package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayout.Axis;
import io.github.dl4jpruning.select.KernelLayout.Part;
import io.github.dl4jpruning.select.KernelLayout.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Layouts of parameters that are not weights, but whose entries belong to channels. */
final class Layouts {

  private Layouts() {}

  /** Returns a layout by the letters of {@link KernelLayout#of}, with the last axis the fastest. */
  static KernelLayout rowMajor(String meaning, List<Long> shape) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (int a = shape.size() - 1; a >= 0; a--) {
      strides.add(stride);
      stride *= shape.get(a);
    }
    Collections.reverse(strides);
    return KernelLayout.of(meaning, shape, strides);
  }

  /**
   * Returns a layout by the letters of {@link KernelLayout#of}, with the first axis the fastest.
   */
  static KernelLayout columnMajor(String meaning, List<Long> shape) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (long size : shape) {
      strides.add(stride);
      stride *= size;
    }
    return KernelLayout.of(meaning, shape, strides);
  }

  /** Returns the layout of a bias with one entry for each gate of each unit, gate by gate. */
  static KernelLayout gates(int gates, int units) {
    return new KernelLayout(
        List.of(new Part(List.of(new Axis(Role.POSITION, gates), new Axis(Role.OUTPUT, units)))));
  }
}
