package io.github.dl4jpruning.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.select.KernelLayout.Axis;
import io.github.dl4jpruning.select.KernelLayout.Part;
import io.github.dl4jpruning.select.KernelLayout.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

public class KernelLayoutTest {

  /** Row-major strides for 'c', column-major for 'f'. */
  public static KernelLayout layout(String meaning, char order, long... shape) {
    List<Long> sizes = new ArrayList<>();
    Long[] strides = new Long[shape.length];
    long step = 1;
    for (int i = 0; i < shape.length; i++) {
      sizes.add(shape[i]);
      int axis = order == 'f' ? i : shape.length - 1 - i;
      strides[axis] = step;
      step *= shape[axis];
    }
    return KernelLayout.of(meaning, sizes, List.of(strides));
  }

  @Test
  void shouldPutTheSlowestAxisFirst() {
    assertThat(layout("io", 'f', 3, 5).parts())
        .containsExactly(new Part(List.of(new Axis(Role.OUTPUT, 5), new Axis(Role.INPUT, 3))));
    assertThat(layout("oipp", 'c', 4, 3, 2, 2).parts().get(0).axes())
        .extracting(Axis::size)
        .containsExactly(4, 3, 2, 2);
  }

  @Test
  void shouldCountChannelsOfEveryLayout() {
    check(layout("io", 'f', 3, 5), 5, 3); // dense
    check(layout("oipp", 'c', 4, 3, 2, 2), 4, 3); // convolution
    check(layout("iopp", 'c', 3, 4, 2, 2), 4, 3); // transposed
    check(layout("pppoi", 'c', 2, 2, 2, 4, 3), 4, 3); // transposed, 3D
    check(layout("ppco", 'c', 2, 2, 3, 2), 6, 3); // depthwise
    check(layout("ocpp", 'c', 2, 3, 2, 2), 6, 3); // the depthwise half of a separable one
    check(layout("ig", 'f', 3, 20), 5, 3); // LSTM
    check(layout("iG", 'f', 5, 23), 5, 5); // with peepholes
    check(layout("pio", 'c', 9, 12, 4), 4, 12); // locally connected
    check(layout("ooi", 'c', 2, 4, 6), 8, 6); // attention
    check(layout("pioip", 'c', 1, 5, 6, 4, 1), 6, 20); // capsules
    check(layout("ppio", 'c', 3, 3, 2, 8), 8, 2); // primary capsules
    check(layout("io", 'f', 1, 1), 1, 1);
    check(KernelLayout.vector(7), 7, 1);
  }

  private static void check(KernelLayout layout, int outputs, int inputs) {
    assertThat(layout.outputs()).as("%s", layout).isEqualTo(outputs);
    assertThat(layout.inputs()).as("%s", layout).isEqualTo(inputs);
  }

  @Test
  void shouldPutPeepholesBehindTheGates() {
    KernelLayout layout = layout("iG", 'f', 5, 23);

    assertThat(layout.parts()).hasSize(2);
    assertThat(layout.parts().get(0).length()).isEqualTo(100);
    assertThat(layout.parts().get(1))
        .isEqualTo(new Part(List.of(new Axis(Role.POSITION, 3), new Axis(Role.CHANNEL, 5))));
    assertThat(layout.length()).isEqualTo(115);
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    assertThatThrownBy(() -> layout("io", 'f', 3, 5, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("axes io")
        .hasMessageContaining("[3, 5, 2]");
    assertThatThrownBy(() -> layout("ig", 'f', 3, 21))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("four gates");
    assertThatThrownBy(() -> layout("ix", 'f', 3, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new KernelLayout(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new KernelLayout(
                    List.of(
                        new Part(List.of(new Axis(Role.OUTPUT, 5))),
                        new Part(List.of(new Axis(Role.OUTPUT, 6))))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same number of output channels");
  }

  /** Every entry, by walking over the axes one after the other. */
  private static List<int[]> naive(KernelLayout layout) {
    List<int[]> entries = new ArrayList<>();
    for (Part part : layout.parts()) {
      int length = part.length();
      for (int i = 0; i < length; i++) {
        int rest = i;
        int output = 0;
        int input = 0;
        int outputStep = 1;
        int inputStep = 1;
        for (int a = part.axes().size() - 1; a >= 0; a--) {
          Axis axis = part.axes().get(a);
          int index = rest % axis.size();
          rest /= axis.size();
          if (axis.role() == Role.OUTPUT || axis.role() == Role.CHANNEL) {
            output += index * outputStep;
            outputStep *= axis.size();
          }
          if (axis.role() == Role.INPUT || axis.role() == Role.CHANNEL) {
            input += index * inputStep;
            inputStep *= axis.size();
          }
        }
        entries.add(new int[] {entries.size(), output, input});
      }
    }
    return entries;
  }

  @Test
  void shouldWalkOverEveryEntryOfEveryLayout() {
    for (KernelLayout layout :
        List.of(
            layout("io", 'f', 3, 5),
            layout("io", 'c', 3, 5),
            layout("oipp", 'c', 4, 3, 2, 2),
            layout("pppoi", 'c', 2, 2, 2, 4, 3),
            layout("ppco", 'c', 2, 2, 3, 2),
            layout("ocpp", 'c', 2, 3, 2, 2),
            layout("ig", 'f', 3, 20),
            layout("iG", 'f', 5, 23),
            layout("ooi", 'c', 2, 4, 6),
            layout("io", 'f', 1, 1),
            KernelLayout.vector(7))) {
      List<int[]> walked = new ArrayList<>();
      layout.forEach((flat, output, input) -> walked.add(new int[] {flat, output, input}));

      assertThat(walked).as("%s", layout).hasSize(layout.length());
      List<int[]> expected = naive(layout);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(walked.get(i)).as("%s at %d", layout, i).containsExactly(expected.get(i));
      }
    }
  }

  @Test
  void shouldLeaveOutAxesOfOneIndex() {
    assertThat(layout("oipp", 'c', 4, 1, 1, 2).parts().get(0).axes())
        .containsExactly(new Axis(Role.OUTPUT, 4), new Axis(Role.POSITION, 2));
    assertThat(layout("iG", 'f', 1, 7).parts().get(1).axes())
        .containsExactly(new Axis(Role.POSITION, 3), new Axis(Role.CHANNEL, 1));
  }

  @Test
  void shouldRefuseShapesAndStridesOfDifferentLength() {
    assertThatThrownBy(() -> KernelLayout.of("io", List.of(3L, 5L), List.of(1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("axes io");
    assertThatThrownBy(() -> KernelLayout.of("o", List.of(3L, 5L), List.of(1L, 3L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> layout("iG", 'f', 5, 22))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("four gates");
  }
}
