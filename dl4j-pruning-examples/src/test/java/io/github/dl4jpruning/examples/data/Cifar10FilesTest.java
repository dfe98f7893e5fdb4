package io.github.dl4jpruning.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10FilesTest {

  @TempDir Path folder;

  private Path images() throws IOException {
    return ImageFolders.write(folder.resolve("fruit"), ImageFolders.CLASSES, 20, 4);
  }

  private static void assertSame(Images one, Images two) {
    assertThat(one.format()).isEqualTo(two.format());
    assertThat(one.images()).isDeepEqualTo(two.images());
    assertThat(one.labels()).isEqualTo(two.labels());
  }

  @Test
  void readsAFolderAndAZipAlike() throws IOException {
    Path images = images();
    ImageData data = Cifar10Files.from(images, Cifar10Files.ALL);
    ImageData zipped =
        Cifar10Files.from(ImageFolders.zip(images, folder.resolve("fruit.zip")), Cifar10Files.ALL);

    assertThat(data.format()).isEqualTo(new ImageFormat(3, 32, ImageFolders.CLASSES));
    assertThat(data.train().size()).isEqualTo(54);
    assertThat(data.validation().size()).isEqualTo(6);
    assertThat(data.test().size()).isEqualTo(12);
    assertSame(zipped.train(), data.train());
    assertSame(zipped.validation(), data.validation());
    assertSame(zipped.test(), data.test());
    assertThat(data.test().labels()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    assertThat(data.validation().labels()).containsExactly(0, 0, 1, 1, 2, 2);
  }

  @Test
  void noImageIsInTwoParts() throws IOException {
    ImageData data = Cifar10Files.from(images(), Cifar10Files.ALL);
    Set<ByteBuffer> seen = new HashSet<>();
    for (Images part : List.of(data.train(), data.validation(), data.test())) {
      for (byte[] image : part.images()) {
        assertThat(seen.add(ByteBuffer.wrap(image))).isTrue();
      }
    }
  }

  /** PNG loses nothing, so DataVec has to find what Java's own reader finds. */
  @Test
  void everyPixelIsAtItsPlace() throws IOException {
    Path images = images();
    Images test = Cifar10Files.from(images, Cifar10Files.ALL).test();
    var original = ImageIO.read(images.resolve("test/pear/0002.png").toFile());
    byte[] read = test.images()[4 + 2];
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        int rgb = original.getRGB(x, y);
        int at = y * 32 + x;
        assertThat(read[at] & 0xFF).as("blue at %d, %d", x, y).isEqualTo(rgb & 0xFF);
        assertThat(read[1024 + at] & 0xFF).as("green").isEqualTo(rgb >> 8 & 0xFF);
        assertThat(read[2048 + at] & 0xFF).as("red").isEqualTo(rgb >> 16 & 0xFF);
      }
    }
  }

  @Test
  void fewerImagesAreTakenEvenly() throws IOException {
    ImageData data = Cifar10Files.from(images(), 27);

    assertThat(data.train().size()).isEqualTo(27);
    assertThat(data.validation().size()).isEqualTo(3);
    assertThat(data.test().size()).isEqualTo(12);
    int[] perClass = new int[3];
    for (byte label : data.train().labels()) {
      perClass[label]++;
    }
    assertThat(perClass).containsExactly(9, 9, 9);
    assertThat(data.validation().labels()).containsExactly(0, 1, 2);
    assertThatThrownBy(() -> Cifar10Files.from(folder.resolve("fruit"), 55))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected at least 55 images to train with")
        .hasMessageContaining("there are 54");
  }

  @Test
  void whatIsMissingOrBrokenIsNamed() throws IOException {
    refused(folder.resolve("nowhere"), "expected a folder or a zip, but found neither");
    refused(folder.resolve("nowhere"), "'download'");
    refused(folder, "train: expected a folder with one folder per class, but there is none");
    Path text = Files.writeString(folder.resolve("text.zip"), "this is no zip");
    refused(text, "expected a folder or a zip, but found another file");

    Path images = images();
    Path broken = images.resolve("train/plum/0007.png");
    byte[] whole = Files.readAllBytes(broken);
    Files.write(broken, new byte[0]);
    refused(images, "0007.png: expected an image, but it cannot be read");
    Files.write(broken, "this is no image either".getBytes(StandardCharsets.UTF_8));
    refused(images, "0007.png: expected an image, but it cannot be read");
    Files.write(broken, whole);

    Path empty = Files.createDirectories(images.resolve("test/quince"));
    refused(images, "expected the same classes in train and test");
    Files.createDirectories(images.resolve("train/quince"));
    refused(images, "quince: expected images");
    Files.delete(empty);
    Files.delete(images.resolve("train/quince"));
    assertThat(Cifar10Files.from(images, Cifar10Files.ALL).test().size()).isEqualTo(12);
  }

  @Test
  void aZipMayHoldTheFolderItself() throws IOException {
    Path images = images();
    Path zip = ImageFolders.zip(folder, folder.resolveSibling(folder.getFileName() + ".zip"));
    try {
      assertSame(
          Cifar10Files.from(zip, Cifar10Files.ALL).train(),
          Cifar10Files.from(images, Cifar10Files.ALL).train());
    } finally {
      Files.delete(zip);
    }
  }

  /** Of an editor or an operating system, or no images. */
  @Test
  void whatIsNotAnImageOfTheSetIsLeftOut() throws IOException {
    Path images = images();
    ImageData before = Cifar10Files.from(images, Cifar10Files.ALL);
    Files.createDirectories(images.resolve("train/.checkpoints"));
    Files.writeString(images.resolve("train/pear/._0001.png"), "no image");
    Files.writeString(images.resolve("train/pear/notes.txt"), "no image");
    Files.writeString(images.resolve("train/readme.md"), "no folder");

    assertSame(Cifar10Files.from(images, Cifar10Files.ALL).train(), before.train());
  }

  @Test
  void greyAndSmallAndSeeThroughImagesBecomeColoursOf32() throws IOException {
    Path images = images();
    Path last = images.resolve("test/plum");
    write(last.resolve("0005.PNG"), new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY));
    write(last.resolve("0006.png"), new BufferedImage(40, 20, BufferedImage.TYPE_4BYTE_ABGR));
    Images test = Cifar10Files.from(images, Cifar10Files.ALL).test();
    assertThat(test.size()).isEqualTo(14);
    assertThat(test.images()).hasDimensions(14, 3072);

    write(last.resolve("0007.png"), new BufferedImage(32, 32, BufferedImage.TYPE_USHORT_GRAY));
    assertThat(Cifar10Files.from(images, Cifar10Files.ALL).test().size()).isEqualTo(15);
    BufferedImage deep = new BufferedImage(32, 32, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(3, 3, 0, 40_000);
    write(last.resolve("0007.png"), deep);
    refused(images, "0007.png: expected an image, but it cannot be read: it has more than 8 bits");
  }

  private static void write(Path file, BufferedImage image) throws IOException {
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  @Test
  void theFingerprintKnowsEveryPixelAndLabel() throws IOException {
    Path images = images();
    String before = Cifar10Files.from(images, Cifar10Files.ALL).fingerprint();
    assertThat(before).startsWith("54 + 6 + 12, ");
    assertThat(Cifar10Files.from(images, Cifar10Files.ALL).fingerprint()).isEqualTo(before);
    Files.move(images.resolve("test/plum"), images.resolve("test/peach"));
    Files.move(images.resolve("train/plum"), images.resolve("train/peach"));
    assertThat(Cifar10Files.from(images, Cifar10Files.ALL).fingerprint()).isNotEqualTo(before);
  }

  private static void refused(Path path, String message) {
    assertThatThrownBy(() -> Cifar10Files.from(path, Cifar10Files.ALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  /** Its cache is filled beforehand, so that nothing is fetched. */
  @Test
  void readsWhatDl4jHasFetched() throws IOException {
    File before = DL4JResources.getBaseDirectory();
    try {
      DL4JResources.setBaseDirectory(Files.createDirectories(folder.resolve("dl4j")).toFile());
      List<String> classes = IntStream.range(0, 10).mapToObj(i -> "class" + i).toList();
      Path cache = DL4JResources.getDirectory(ResourceType.DATASET, "cifar10").toPath();
      ImageFolders.write(cache, classes, 10, 3);

      ImageData data = Cifar10Files.download(45, 100, 30);
      ImageData again = Cifar10Files.download(45, 100, 30);
      Images named = Cifar10Files.from(cache, Cifar10Files.ALL).test();

      assertThat(data.train().size()).isEqualTo(45);
      assertThat(data.validation().size()).isEqualTo(5);
      assertThat(data.test().size()).isEqualTo(30);
      assertThat(data.format()).isEqualTo(named.format());
      assertSame(again.train(), data.train());
      Set<ByteBuffer> images = new HashSet<>();
      for (int i = 0; i < named.size(); i++) {
        images.add(ByteBuffer.wrap(named.images()[i]));
        assertThat(data.test().labels()[i]).isEqualTo(named.labels()[i]);
      }
      for (byte[] image : data.test().images()) {
        assertThat(images).contains(ByteBuffer.wrap(image));
      }
      assertThatThrownBy(() -> Cifar10Files.download(45))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected 50000 training and 10000 test images, but found 100 and")
          .hasMessageContaining("delete the folder and try again");
      Files.move(cache.resolve("test"), cache.resolve("tests"));
      assertThatThrownBy(() -> Cifar10Files.download(45, 100, 30))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected a folder test, but found none");
    } finally {
      DL4JResources.setBaseDirectory(before);
    }
  }

  /** Skipped where the set is not there. */
  @Test
  void readsTheWholeOfCifar10() throws IOException {
    String named = System.getProperty("cifar10.zip", "");
    assumeTrue(!named.isEmpty(), "the zip of CIFAR-10 is not named by -Dcifar10.zip");
    ImageData data = Cifar10Files.from(Path.of(named), Cifar10Files.ALL);

    assertThat(data.train().size()).isEqualTo(45_000);
    assertThat(data.validation().size()).isEqualTo(5_000);
    assertThat(data.test().size()).isEqualTo(10_000);
    assertThat(data.format().classes()).hasSize(10).startsWith("airplane", "automobile");
  }
}
