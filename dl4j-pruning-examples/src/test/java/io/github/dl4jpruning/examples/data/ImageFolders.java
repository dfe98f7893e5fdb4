package io.github.dl4jpruning.examples.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** Writes colour images as CIFAR-10 is laid out. */
public final class ImageFolders {

  public static final List<String> CLASSES = List.of("apple", "pear", "plum");

  private ImageFolders() {}

  /** Images of one colour and some noise, which a network can tell apart. */
  public static Path write(Path folder, List<String> classes, int train, int test)
      throws IOException {
    Random random = new Random(1);
    for (int label = 0; label < classes.size(); label++) {
      for (String part : List.of("train", "test")) {
        Path own = Files.createDirectories(folder.resolve(part).resolve(classes.get(label)));
        for (int i = 0; i < (part.equals("train") ? train : test); i++) {
          int colour = 0x30_00_00 * label + 0x20_00 * (classes.size() - label) + random.nextInt(64);
          write(own.resolve(String.format(Locale.ROOT, "%04d.png", i)), colour, random);
        }
      }
    }
    return folder;
  }

  private static void write(Path file, int colour, Random random) throws IOException {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        image.setRGB(x, y, colour ^ (random.nextInt() & 0x0F0F0F));
      }
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      ImageIO.write(image, "png", out);
    }
  }

  /** The same as a zip. */
  public static Path zip(Path folder, Path zip) throws IOException {
    try (FileSystem target = FileSystems.newFileSystem(zip, Map.of("create", "true"));
        var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path within = target.getPath(folder.relativize(file).toString());
        Files.createDirectories(within.getParent());
        Files.copy(file, within);
      }
    }
    return zip;
  }
}
