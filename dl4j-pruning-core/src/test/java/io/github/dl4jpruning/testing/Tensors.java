package io.github.dl4jpruning.testing;

import io.github.dl4jpruning.allocate.Contender;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.mask.ScoredTensor;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.KernelLayoutTest;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Tensors without a network. */
public final class Tensors {

  private Tensors() {}

  /** A dense layer's weights. */
  public static PrunableParameter parameter(String layer, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    int length = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    KernelLayout layout =
        switch (shape.length) {
          case 1 -> KernelLayout.vector(length);
          case 2 -> KernelLayoutTest.layout("io", 'f', shape);
          case 3 -> KernelLayoutTest.layout("oip", 'c', shape);
          default -> KernelLayoutTest.layout("oipp", 'c', shape);
        };
    String type = shape.length > 2 ? "ConvolutionLayer" : "DenseLayer";
    return new PrunableParameter(layer, type, "W", Role.WEIGHT, sizes, layout, 0, length);
  }

  /** A contender with given scores. */
  public static Contender contender(String layer, double... scores) {
    PrunableParameter parameter = parameter(layer, scores.length);
    ScoredTensor tensor = new ScoredTensor(layer + ".W", scores, Mask.dense(scores.length));
    return new Contender(parameter, tensor, 1, Double.NaN);
  }

  /** Contenders with random scores. */
  public static List<Contender> contenders(long[]... shapes) {
    List<Contender> contenders = new ArrayList<>();
    for (int t = 0; t < shapes.length; t++) {
      PrunableParameter parameter = parameter("layer" + t, shapes[t]);
      double[] scores = new Random(t).doubles(parameter.length()).toArray();
      ScoredTensor tensor =
          new ScoredTensor(parameter.name(), scores, Mask.dense(parameter.length()));
      contenders.add(new Contender(parameter, tensor, 1, Double.NaN));
    }
    return contenders;
  }

  /** A mask of ones and zeros. */
  public static Mask mask(int... kept) {
    boolean[] entries = new boolean[kept.length];
    for (int i = 0; i < kept.length; i++) {
      entries[i] = kept[i] == 1;
    }
    return Mask.of(entries);
  }
}
