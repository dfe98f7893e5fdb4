package io.github.dl4jpruning.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class AugmentationTest {

  private static final int SIDE = 6;
  private static final ImageFormat FORMAT = new ImageFormat(2, SIDE, List.of("a", "b"));

  private static byte[] image(long seed) {
    byte[] image = new byte[FORMAT.values()];
    new Random(seed).nextBytes(image);
    return image;
  }

  /** Pixel by pixel, against the definition. */
  @Test
  void mirrorsAndThenMoves() {
    byte[] image = image(1);
    for (boolean mirror : new boolean[] {false, true}) {
      for (int down = -7; down <= 7; down++) {
        for (int right = -7; right <= 7; right++) {
          byte[] moved = Augmentation.moved(image, FORMAT, mirror, down, right);
          for (int at = 0; at < moved.length; at++) {
            int channel = at / (SIDE * SIDE);
            int y = at / SIDE % SIDE - down;
            int x = at % SIDE - right;
            boolean outside = y < 0 || y >= SIDE || x < 0 || x >= SIDE;
            int from = (channel * SIDE + y) * SIDE + (mirror ? SIDE - 1 - x : x);
            assertThat(moved[at]).isEqualTo(outside ? 0 : image[from]);
          }
        }
      }
    }
    assertThat(image).isEqualTo(image(1));
  }

  @Test
  void allChangesHappen() {
    Augmentation augmentation = new Augmentation(true, 2);
    Random random = new Random(3);
    Set<List<Byte>> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      byte[] changed = augmentation.apply(image(1), FORMAT, random);
      List<Byte> boxed = new ArrayList<>();
      for (byte value : changed) {
        boxed.add(value);
      }
      seen.add(boxed);
    }
    assertThat(seen).hasSize(2 * 5 * 5);
  }

  @Test
  void noneLeavesAllAsTheyAre() {
    assertThat(Augmentation.NONE.apply(image(2), FORMAT, new Random(1))).isEqualTo(image(2));
    assertThatThrownBy(() -> new Augmentation(true, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shift must be 0 or more, but is -1");
  }

  /** Other changes in each epoch, and the same ones from the same seed. */
  @Test
  void epochsDifferAndSeedsDecide() {
    byte[][] many = new byte[40][];
    byte[] labels = new byte[many.length];
    for (int i = 0; i < many.length; i++) {
      many[i] = image(i);
      labels[i] = (byte) (i % 2);
    }
    Images images = new Images(FORMAT, many, labels);
    ImageBatches one = ImageBatches.shuffled(images, 40, Augmentation.FLIP_AND_SHIFT, 5);
    ImageBatches two = ImageBatches.shuffled(images, 40, Augmentation.FLIP_AND_SHIFT, 5);

    INDArray first = one.next().getFeatures();
    assertThat(first.shape()).containsExactly(40, 2, SIDE, SIDE);
    assertThat(two.next().getFeatures()).isEqualTo(first);
    one.reset();
    two.reset();
    INDArray second = one.next().getFeatures();
    assertThat(two.next().getFeatures()).isEqualTo(second);
    assertThat(second.sum(1, 2, 3).sumNumber()).isNotEqualTo(first.sum(1, 2, 3).sumNumber());
  }
}
